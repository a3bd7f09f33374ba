import type { Duplex } from 'node:stream'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import { type Api, getRaw, sendGet } from './api-server.ts'
import type { Cluster, HttpAnswer, HttpQuery } from './cluster.ts'
import { readItems } from './json-items.ts'
import { openAddress } from './kubeconfig.ts'
import { openPortForward, PortForwardRefused, portForwardAgent } from './port-forward.ts'
import { redact } from './redaction.ts'
import { type Consume, InvalidAnswer, parseJson, readText, type Sent, type WireRequest } from './transport.ts'
import { type Asked, parseStatus, refusal, saidBy, unavailable, wordsOf } from './unavailable.ts'

/** How Prometheus and Grafana are asked where flags or the environment say so. */
export interface ProgramOptions {
  /** For HTTPS_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly prometheusUrl?: string
  readonly grafanaUrl?: string
  readonly http?: { readonly prometheus?: ProgramCredentials; readonly grafana?: ProgramCredentials }
}

export interface ProgramCredentials {
  readonly token?: string
  readonly caFile?: string
  readonly headers?: Readonly<Record<string, string>>
}

type Pod = NonNullable<HttpQuery['pod']>
type Answered = Read<HttpAnswer>

/**
 * Asks Prometheus and Grafana: at the address given by flag; else through the API server's pod proxy; where that is
 * refused or cannot reach the pod, through a port-forward; in a cluster, last, at the pod's own address.
 */
export const openPrograms = (
  api: Api,
  options: ProgramOptions,
  deadline: AbortSignal,
  logins: Logins,
): Cluster['http'] => {
  const context: Context = { api, options, deadline, needsForward: new Set(), secrets: new Map(), logins }
  return async query => {
    const address = query.service === 'prometheus' ? options.prometheusUrl : options.grafanaUrl
    const answer = address === undefined ? await askPod(context, query) : await askAddress(context, query, address)
    return answer.ok ? { ok: true, value: redact(answer.value) } : answer
  }
}

interface Context {
  readonly api: Api
  readonly options: ProgramOptions
  readonly deadline: AbortSignal
  /** Pods that the proxy did not reach: not tried there again. */
  readonly needsForward: Set<string>
  /** The Secrets that hold a login, each read once. */
  readonly secrets: Map<string, Promise<Read<KubernetesObject | undefined>>>
  readonly logins: Logins
}

/** First answers by account, under way or done: a second wrong login might lock it. */
export type Logins = Map<string, Promise<Answered>>

const askAddress = async ({ api, options }: Context, query: HttpQuery, address: string): Promise<Answered> => {
  const { service, path } = query
  const asked: Asked = { verb: 'get', resource: service, name: hostOf(address) }
  const url = URL.parse(address.replace(/\/$/, '') + path)
  if (!url) return unavailable(asked, 'invalid', `"${address}" is no address`)
  const login = url.username
    ? { authorization: basic(decodeURIComponent(url.username), decodeURIComponent(url.password)) }
    : {}
  url.username = ''
  url.password = ''
  const { token, caFile, headers } = options.http?.[service] ?? {}
  const agent = await openAddress(url, caFile, options.env).catch(() => undefined)
  if (!agent) return unavailable(asked, 'invalid', `the CA file ${caFile} cannot be read`)
  const sent = await api.transport.send(
    {
      method: 'GET',
      url,
      agent,
      headers: {
        accept: 'application/json',
        ...login,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
    },
    bodyOf(query),
  )
  return answerOf(asked, sent)
}

const hostOf = (address: string): string => URL.parse(address)?.host ?? address

const askPod = async (context: Context, query: HttpQuery): Promise<Answered> => {
  const { pod, service, login } = query
  if (!pod)
    return unavailable({ verb: 'get', resource: service }, 'unreachable', `no pod of ${service} is ready to be asked`)
  const { token, headers } = context.options.http?.[service] ?? {}
  if (token) return forwarded(context, query, pod, { ...headers, authorization: `Bearer ${token}` })
  if (login) return loggedIn(context, query, pod, login)
  return proxied(context, query, pod, headers ?? {})
}

const proxied = async (
  context: Context,
  query: HttpQuery,
  pod: Pod,
  headers: Readonly<Record<string, string>>,
): Promise<Answered> => {
  if (context.needsForward.has(keyOf(pod))) return forwarded(context, query, pod, headers)
  const name = `${pod.scheme === 'https' ? 'https:' : ''}${pod.name}:${pod.port}`
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${name}/proxy${query.path}`
  const sent = await sendGet(context.api, path, bodyOf(query))
  const asked: Asked = { verb: 'get', resource: 'pods/proxy', namespace: pod.namespace, name: pod.name }
  if (!isProxyTrouble(sent)) return answerOf(asked, sent)
  context.needsForward.add(keyOf(pod))
  const again = await forwarded(context, query, pod, headers)
  // the proxy's refusal is told: it is the smaller right to ask for
  return again.ok || again.unavailable.why === 'timeout' ? again : refusal(asked, sent)
}

const keyOf = ({ namespace, name, port }: Pod): string => `${namespace}/${name}:${port}`

/** The API server itself says no, or could not reach the pod: a Status object. Else the program in the pod answers. */
const isProxyTrouble = (sent: Sent<Body>): sent is Extract<Sent<Body>, { outcome: 'refused' }> =>
  sent.outcome === 'refused' && parseStatus(sent.text) !== undefined && sent.status !== 404

/** What an answer with a good status holds. */
type Body = Pick<HttpAnswer, 'body' | 'listed'> | { readonly nonsense: string }

const bodyOf =
  ({ first }: HttpQuery): Consume<Body> =>
  async chunks => {
    try {
      return first === undefined ? { body: parseJson(await readText()(chunks)) } : await readFirst(chunks, first)
    } catch (error) {
      if (!(error instanceof InvalidAnswer)) throw error
      return { nonsense: error.message }
    }
  }

/** Parsed, numbers take about ten times the memory of their text. */
const parsedBytes = 32 * 1024 * 1024

/** An answer of Prometheus with the first series of as many as may come: they never stand in memory together. */
const readFirst = async (chunks: AsyncIterable<Buffer>, first: number): Promise<Body> => {
  const kept: unknown[] = []
  let listed = 0
  const keep = (item: unknown) => {
    listed++
    if (item !== undefined) kept.push(item)
  }
  const body = await readItems(chunks, keep, { key: 'result', depth: 2, parsed: first, parsedBytes })
  if (listed === 0 || !isRecord(body) || !isRecord(body.data)) return { body }
  return { body: { ...body, data: { ...body.data, result: kept } }, listed }
}

const answerOf = (asked: Asked, sent: Sent<Body>): Answered => {
  if (sent.outcome === 'failed') return unavailable(asked, sent.why, sent.message)
  if (sent.outcome === 'refused') {
    if (parseStatus(sent.text))
      return unavailable(asked, sent.status === 403 ? 'forbidden' : 'unreachable', saidBy(sent.text, sent.status))
    const body = jsonOrNothing(sent.text)
    const words = body === undefined ? wordsOf(sent) : ''
    return { ok: true, value: { status: sent.status, body, ...(words === '' ? {} : { words }) } }
  }
  if ('nonsense' in sent.body) return unavailable(asked, 'invalid', `it sent ${sent.body.nonsense}`)
  return { ok: true, value: { status: sent.status, ...sent.body } }
}

const jsonOrNothing = (text: string): unknown => {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/**
 * Grafana's administrator login, from the Secret where the chart put it. The API server's proxy drops Authorization,
 * so it goes through a port-forward, which is set up while the Secret is read: each takes round trips of its own. Where
 * the Secret cannot be read, Grafana may still let anybody read.
 */
const loggedIn = async (
  context: Context,
  query: HttpQuery,
  pod: Pod,
  login: NonNullable<HttpQuery['login']>,
): Promise<Answered> => {
  const opened = openPortForward(context.api.server, pod, context.deadline)
  const close = () =>
    opened.then(
      tunnel => tunnel.destroy(),
      () => undefined,
    )
  opened.catch(() => undefined)
  const credentials = await readLogin(context, login)
  if (!credentials.ok) {
    close()
    const anonymous = await proxied(context, query, pod, {})
    return anonymous.ok && anonymous.value.status !== 401 && anonymous.value.status !== 403 ? anonymous : credentials
  }
  const authorization = credentials.value
  const ask = () => forwarded(context, query, pod, { authorization }, opened)
  const account = `${keyOf(pod)} ${authorization}`
  const first = context.logins.get(account)
  if (!first) {
    const answer = ask()
    context.logins.set(account, answer)
    return answer
  }
  const before = await first
  if (!before.ok || before.value.status !== 401) return ask()
  close()
  return before
}

const readLogin = async (context: Context, login: NonNullable<HttpQuery['login']>): Promise<Read<string>> => {
  const { namespace, secret: name, userKey, passwordKey } = login
  const secret = await readSecret(context, namespace, name)
  if (!secret.ok) return secret
  const data = (secret.value as { readonly data?: Readonly<Record<string, string>> } | undefined)?.data
  const [user, password] = [data?.[userKey], data?.[passwordKey]]
  if (user === undefined || password === undefined)
    return unavailable(
      { verb: 'get', resource: 'secrets', namespace, name },
      'forbidden',
      `Secret ${namespace}/${name} holds no login under ${userKey} and ${passwordKey}`,
    )
  return { ok: true, value: basic(fromBase64(user), fromBase64(password)) }
}

const readSecret = ({ api, secrets }: Context, namespace: string, name: string) => {
  const key = `${namespace}/${name}`
  const reading =
    secrets.get(key) ?? getRaw(api, { apiVersion: 'v1', kind: 'Secret', resource: 'secrets', namespace, name })
  secrets.set(key, reading)
  return reading
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

const forwarded = async (
  context: Context,
  query: HttpQuery,
  pod: Pod,
  headers: Readonly<Record<string, string>>,
  opened?: Promise<Duplex>,
): Promise<Answered> => {
  const asked: Asked = { verb: 'create', resource: 'pods/portforward', namespace: pod.namespace, name: pod.name }
  const { api, deadline } = context
  let refused: PortForwardRefused | undefined
  const remember = (error: unknown) => {
    if (error instanceof PortForwardRefused) refused = error
  }
  const agent = portForwardAgent(pod.scheme, async () => {
    try {
      return (await (opened ?? openPortForward(api.server, pod, deadline))).once('error', remember)
    } catch (error) {
      remember(error)
      throw error
    }
  })
  const sent = await api.transport.send(
    requestTo(`${pod.scheme}://127.0.0.1:${pod.port}`, query, headers, agent),
    bodyOf(query),
  )
  if (sent.outcome !== 'failed' || sent.why === 'timeout') return answerOf(asked, sent)
  const atItsAddress = api.server.inCluster ? await direct(context, query, pod, headers) : undefined
  if (atItsAddress) return atItsAddress
  if (refused?.status === 403 || refused?.status === 401)
    return unavailable(
      asked,
      'forbidden',
      `pods "${pod.name}" is forbidden: the API server refuses pods/portforward in namespace "${pod.namespace}"`,
    )
  return unavailable(
    asked,
    sent.why,
    refused ? `port-forward to ${pod.name}:${pod.port}: ${refused.message}` : sent.message,
  )
}

/** Only from inside the cluster does a pod's own address lead anywhere. */
const direct = async (
  { api }: Context,
  query: HttpQuery,
  pod: Pod,
  headers: Readonly<Record<string, string>>,
): Promise<Answered | undefined> => {
  const object = await getRaw(api, {
    apiVersion: 'v1',
    kind: 'Pod',
    resource: 'pods',
    namespace: pod.namespace,
    name: pod.name,
  })
  const address = object.ok
    ? (object.value as { readonly status?: { readonly podIP?: string } } | undefined)?.status?.podIP
    : undefined
  if (!address) return undefined
  const host = address.includes(':') ? `[${address}]` : address
  const sent = await api.transport.send(requestTo(`${pod.scheme}://${host}:${pod.port}`, query, headers), bodyOf(query))
  return answerOf({ verb: 'get', resource: query.service, namespace: pod.namespace, name: pod.name }, sent)
}

/** A pod's certificate is not judged, as the API server's own proxy does not: its name is never the pod's. */
const requestTo = (
  origin: string,
  { path }: HttpQuery,
  headers: Readonly<Record<string, string>>,
  agent?: WireRequest['agent'],
): WireRequest => ({
  method: 'GET',
  url: new URL(`${origin}${path}`),
  headers: { accept: 'application/json', ...headers },
  tls: { rejectUnauthorized: false },
  ...(agent ? { agent } : {}),
})

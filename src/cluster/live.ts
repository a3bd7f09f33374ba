import { setMaxListeners } from 'node:events'
import type { Duplex } from 'node:stream'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import { type Api, countListed, getRaw, listRaw, sendGet, urlOf } from './api-server.ts'
import type { AccessAnswer, AccessQuery, Cluster, GetQuery, ListQuery, LogQuery, ServerVersion } from './cluster.ts'
import { readHelmRelease } from './helm-release-secret.ts'
import { type ApiServer, type KubeconfigOptions, openKubeconfig } from './kubeconfig.ts'
import { openPortForward } from './port-forward.ts'
import { type Logins, openPrograms, type ProgramOptions } from './programs.ts'
import { redact, redactText } from './redaction.ts'
import { openTransport, readJson, readText } from './transport.ts'
import { type Asked, refusal, unavailable } from './unavailable.ts'

export interface LiveOptions extends KubeconfigOptions, ProgramOptions {
  /** One deadline for one reading of everything, counted from now, credential plugins included. */
  readonly timeoutMs: number
  /** Ends all reads early, as Ctrl-C does. */
  readonly signal?: AbortSignal
}

export interface LiveCluster extends Cluster {
  /** The same cluster for another reading: over the same connections, with a deadline and a count of its own. */
  anew(): LiveCluster
  /** One connection to a port of a pod; the options' timeout is for its opening. @throws PortForwardRefused */
  forward(pod: { readonly namespace: string; readonly name: string; readonly port: number }): Promise<Duplex>
}

/**
 * The running cluster that the kubeconfig names. Nothing is asked yet: an API server that is not there shows in the
 * first read.
 * @throws UserError where there is no usable kubeconfig, context or credential.
 */
export const openLiveCluster = async (options: LiveOptions): Promise<LiveCluster> => {
  const deadline = deadlineOf(options)
  const server = await openKubeconfig(options, deadline)
  return readingOf({ server, options, logins: new Map() }, deadline)
}

/** What one reading leaves to the next. */
interface Kept {
  readonly server: ApiServer
  readonly options: LiveOptions
  readonly logins: Logins
}

const deadlineOf = ({ timeoutMs, signal }: LiveOptions): AbortSignal => {
  const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
  setMaxListeners(0, deadline)
  return deadline
}

const readingOf = (kept: Kept, deadline: AbortSignal): LiveCluster => {
  const { server, options, logins } = kept
  const transport = openTransport(deadline, options.timeoutMs)
  const api: Api = { server, transport }
  return {
    source: {
      kind: 'live',
      name: server.context,
      live: true,
      ...(server.namespace === undefined ? {} : { namespace: server.namespace }),
    },
    get: query => get(api, query),
    list: query => list(api, query),
    count: query => countListed(api, query),
    version: () => version(api),
    resources: groupVersion => resources(api, groupVersion),
    logs: query => logs(api, query),
    access: query => access(api, query),
    http: openPrograms(api, options, deadline, logins),
    helmRelease: query => readHelmRelease(api, query),
    requests: () => transport.requests(),
    anew: () => readingOf(kept, deadlineOf(options)),
    forward: pod => openPortForward(server, pod, deadlineOf(options)),
  }
}

const get = async (api: Api, query: GetQuery): Promise<Read<KubernetesObject | undefined>> =>
  redactRead(await getRaw(api, query))

const list = async (api: Api, query: ListQuery): Promise<Read<readonly KubernetesObject[]>> =>
  listRaw(api, query, redact)

const version = async (api: Api): Promise<Read<ServerVersion>> => {
  const asked: Asked = { verb: 'get', resource: '/version' }
  const sent = await sendGet(api, '/version', readJson)
  if (sent.outcome !== 'answered') return refusal(asked, sent)
  const gitVersion = isRecord(sent.body) ? sent.body.gitVersion : undefined
  if (typeof gitVersion !== 'string')
    return unavailable(asked, 'invalid', `${api.server.url.host} does not speak as an API server does`)
  return { ok: true, value: { gitVersion, now: toRfc3339(sent.headers.date) } }
}

/** HTTP's Date header; a server without one is taken to share this machine's clock. */
const toRfc3339 = (date: string | undefined): string => {
  const at = new Date(date ?? Date.now())
  return (Number.isNaN(at.getTime()) ? new Date() : at).toISOString().replace(/\.\d+Z$/, 'Z')
}

const resources = async (api: Api, groupVersion: string): Promise<Read<readonly string[]>> => {
  const path = `${groupVersion.includes('/') ? '/apis' : '/api'}/${groupVersion}`
  const asked: Asked = { verb: 'get', resource: path }
  const sent = await sendGet(api, path, readJson)
  if (sent.outcome === 'refused' && sent.status === 404) return { ok: true, value: [] }
  if (sent.outcome !== 'answered') return refusal(asked, sent)
  const served =
    isRecord(sent.body) && Array.isArray(sent.body.resources) ? (sent.body.resources as unknown[]) : undefined
  if (!served)
    return unavailable(asked, 'invalid', `${api.server.url.host} sent something that is no list of resources`)
  const names = served.flatMap(entry => (isRecord(entry) && typeof entry.name === 'string' ? [entry.name] : []))
  return { ok: true, value: names.filter(name => !name.includes('/')) }
}

const logs = async (
  api: Api,
  { namespace, pod, container, tailLines, previous }: LogQuery,
): Promise<Read<readonly string[]>> => {
  const query = new URLSearchParams({
    container,
    tailLines: String(tailLines),
    ...(previous ? { previous: 'true' } : {}),
  })
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query}`
  const sent = await sendGet(api, path, readText(4 * 1024 * 1024), '*/*')
  const asked: Asked = { verb: 'get', resource: 'pods/log', namespace, name: pod }
  // 400: the container has not started yet, or had no run before
  if (sent.outcome === 'refused' && sent.status === 400) return { ok: true, value: [] }
  if (sent.outcome !== 'answered') return refusal(asked, sent)
  const lines = redactText(sent.body).split('\n')
  return { ok: true, value: lines.at(-1) === '' ? lines.slice(0, -1) : lines }
}

const access = async (
  { server, transport }: Api,
  { serviceAccount, attributes }: AccessQuery,
): Promise<Read<AccessAnswer>> => {
  const { namespace, name } = serviceAccount
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      ...('path' in attributes ? { nonResourceAttributes: attributes } : { resourceAttributes: attributes }),
    },
  }
  const sent = await transport.send(
    {
      method: 'POST',
      url: urlOf(server, '/apis/authorization.k8s.io/v1/subjectaccessreviews'),
      agent: server.agent,
      headers: { ...server.headers, accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(review),
    },
    readJson,
  )
  const asked: Asked = { verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io' }
  if (sent.outcome !== 'answered') return refusal(asked, sent)
  const status = isRecord(sent.body) ? sent.body.status : undefined
  if (!isRecord(status) || typeof status.allowed !== 'boolean')
    return unavailable(asked, 'invalid', 'the access review came back without an answer')
  const reason = typeof status.reason === 'string' && status.reason !== '' ? redactText(status.reason) : undefined
  return { ok: true, value: { allowed: status.allowed, ...(reason === undefined ? {} : { reason }) } }
}

const redactRead = <T>(read: Read<T>): Read<T> => (read.ok ? { ok: true, value: redact(read.value) } : read)

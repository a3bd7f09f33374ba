import { existsSync } from 'node:fs'
import type http from 'node:http'
import https from 'node:https'
import { delimiter, join } from 'node:path'
import tls from 'node:tls'
import { findHomeDir, KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { ActionOnInvalid } from '@kubernetes/client-node/dist/config_types.js'
import { UserError } from '../model/errors.ts'
import { type Credential, type CredentialPlugin, runCredentialPlugin } from './credential-plugin.ts'
import { proxyFromEnvironment } from './proxy-from-environment.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface KubeconfigOptions {
  /** A file; absent: KUBECONFIG, else ~/.kube/config, else the ServiceAccount of the pod this runs in. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly as?: string
  readonly asGroups?: readonly string[]
  readonly env: Environment
}

/** How one API server is reached: everything a request needs besides its path. */
export interface ApiServer {
  readonly url: URL
  readonly context: string
  readonly namespace: string | undefined
  readonly inCluster: boolean
  /** Keeps connections alive; carries CA, client certificate and proxy. */
  readonly agent: http.Agent
  readonly headers: Readonly<Record<string, string | string[]>>
  /** For client-node's own parts (port-forward): the same cluster and credentials. */
  readonly config: KubeConfig
}

/** A round of reads is about as many. One connection more costs a handshake of two round trips, a read that waits for one only one. */
const maxSockets = 12

/**
 * Finds the kubeconfig, picks the context, obtains the credentials.
 * @throws UserError where there is none, it is broken, names no such context, or its credential plugin fails.
 */
export const openKubeconfig = async (options: KubeconfigOptions, deadline: AbortSignal): Promise<ApiServer> => {
  const { config, inCluster } = load(options)
  const { context, cluster, user } = pick(config, options.context)
  const url = serverUrl(cluster.server, context.name)
  const proxy = cluster.proxyUrl ?? proxyFromEnvironment(url, options.env)
  const plugin = user.exec as CredentialPlugin | undefined
  const credential = plugin ? await runCredentialPlugin(plugin, options.env, deadline) : undefined
  const ready = new KubeConfig()
  ready.loadFromClusterAndUser(
    // client-node refuses plain HTTP (which `kubectl proxy` speaks) unless told not to verify a certificate
    { ...cluster, ...(url.protocol === 'http:' ? { skipTLSVerify: true } : {}), ...(proxy ? { proxyUrl: proxy } : {}) },
    plugin ? { name: user.name } : user,
  )
  const request = await credentialsOf(ready, context.name)
  const agent = agentOf(request, credential, ready)
  return {
    url,
    context: inCluster ? 'in-cluster' : context.name,
    namespace: context.namespace?.trim() || undefined,
    inCluster,
    agent,
    headers: headersOf(request, credential?.token, options, user.impersonateUser),
    config: ready,
  }
}

/**
 * The way to an address that a flag gave, with its own CA and the environment's proxy. client-node knows all kinds of
 * proxies, so the address is told to it as if it were a cluster.
 * @throws where the CA file cannot be read.
 */
export const openAddress = async (url: URL, caFile: string | undefined, env: Environment): Promise<http.Agent> => {
  const config = new KubeConfig()
  const proxy = proxyFromEnvironment(url, env)
  config.loadFromClusterAndUser(
    {
      name: url.host,
      server: url.href,
      skipTLSVerify: url.protocol === 'http:',
      ...(caFile === undefined ? {} : { caFile }),
      ...(proxy === undefined ? {} : { proxyUrl: proxy }),
    },
    { name: 'nobody' },
  )
  const request: https.RequestOptions = {}
  await config.applyToHTTPSOptions(request)
  return keepAlive(request.agent as http.Agent)
}

/** client-node makes the agent, proxies included; that it keeps connections open, and certificates read, is all it lacks. */
const keepAlive = <A extends http.Agent>(agent: A): A => {
  if (agent instanceof https.Agent) agent.options.secureContext = secureContextOf(agent.options)
  return Object.assign(agent, { keepAlive: true, maxSockets, maxFreeSockets: maxSockets })
}

/** Certificates that cannot be read are the first connection's matter. */
const secureContextOf = (options: https.AgentOptions): tls.SecureContext | undefined => {
  try {
    return tls.createSecureContext(options)
  } catch {
    return undefined
  }
}

interface Loaded {
  readonly config: KubeConfig
  readonly inCluster: boolean
}

/** Files that are missing are passed over and the first of two equal names wins, as in kubectl. */
const load = ({ kubeconfig, env }: KubeconfigOptions): Loaded => {
  if (kubeconfig !== undefined) return { config: loadFile(kubeconfig), inCluster: false }
  const files = filesOf(env).filter(file => existsSync(file))
  if (files.length > 0) return { config: files.map(loadFile).reduce(merge), inCluster: false }
  if (env.KUBERNETES_SERVICE_HOST && existsSync(serviceAccountToken)) {
    const config = new KubeConfig()
    config.loadFromCluster()
    return { config, inCluster: true }
  }
  throw new UserError(
    env.KUBECONFIG ? `None of the files in KUBECONFIG is there: ${env.KUBECONFIG}` : 'No kubeconfig was found',
    {
      hint: 'Name one with --kubeconfig FILE or KUBECONFIG, or try the doctor without a cluster: dynamo-metrics doctor --demo',
    },
  )
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

const filesOf = (env: Environment): readonly string[] => {
  if (env.KUBECONFIG) return env.KUBECONFIG.split(delimiter).filter(file => file !== '')
  const home = env.HOME ?? findHomeDir()
  return home ? [join(home, '.kube', 'config')] : []
}

const loadFile = (file: string): KubeConfig => {
  const config = new KubeConfig()
  try {
    config.loadFromFile(file, { onInvalidEntry: ActionOnInvalid.FILTER })
    return config
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    const why = missing ? 'There is no file' : 'This is no kubeconfig:'
    throw new UserError(`${why} ${file}`, { hint: 'Name a kubeconfig with --kubeconfig FILE or KUBECONFIG', cause })
  }
}

const merge = (first: KubeConfig, second: KubeConfig): KubeConfig => {
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [...first.clusters, ...second.clusters],
    users: [...first.users, ...second.users],
    contexts: [...first.contexts, ...second.contexts],
    currentContext: first.currentContext || second.currentContext,
  })
  return config
}

const pick = (config: KubeConfig, wanted: string | undefined) => {
  const names = config.getContexts().map(({ name }) => name)
  const name = wanted ?? config.getCurrentContext()
  const hint = names.length > 0 ? `The kubeconfig has: ${names.join(', ')}` : 'The kubeconfig has no contexts at all'
  if (!name)
    throw new UserError('The kubeconfig names no current context', { hint: `Choose one with --context. ${hint}` })
  const context = config.getContextObject(name)
  if (!context) throw new UserError(`The kubeconfig has no context "${name}"`, { hint })
  const cluster = config.getCluster(context.cluster)
  if (!cluster)
    throw new UserError(`Context "${name}" names a cluster that the kubeconfig has not: "${context.cluster}"`)
  const user = context.user ? config.getUser(context.user) : { name: 'nobody' }
  if (!user) throw new UserError(`Context "${name}" names a user that the kubeconfig has not: "${context.user}"`)
  return { context, cluster, user }
}

const serverUrl = (server: string | undefined, context: string): URL => {
  const url = URL.parse(server ?? '')
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw new UserError(`The cluster of context "${context}" has no usable server address: "${server ?? ''}"`)
}

const credentialsOf = async (config: KubeConfig, context: string): Promise<https.RequestOptions> => {
  const request: https.RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(request)
    return request
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UserError(`The credentials of context "${context}" cannot be read: ${why}`, {
      hint: 'Look at the user of that context in the kubeconfig',
      cause,
    })
  }
}

const agentOf = (request: https.RequestOptions, credential: Credential | undefined, config: KubeConfig): http.Agent => {
  const agent = request.agent as http.Agent & { options: https.AgentOptions }
  if (credential?.clientCertificateData) {
    agent.options.cert = credential.clientCertificateData
    agent.options.key = credential.clientKeyData
  }
  const servername = config.getCurrentCluster()?.tlsServerName
  if (servername) agent.options.servername = servername
  return keepAlive(agent)
}

const headersOf = (
  request: https.RequestOptions,
  token: string | undefined,
  { as, asGroups }: KubeconfigOptions,
  impersonated: string | undefined,
): Record<string, string | string[]> => {
  const given = (request.headers ?? {}) as Record<string, string>
  const user = as ?? impersonated
  return {
    ...given,
    ...(typeof request.auth === 'string'
      ? { Authorization: `Basic ${Buffer.from(request.auth).toString('base64')}` }
      : {}),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(user ? { 'Impersonate-User': user } : {}),
    ...(asGroups?.length ? { 'Impersonate-Group': [...asGroups] } : {}),
  }
}

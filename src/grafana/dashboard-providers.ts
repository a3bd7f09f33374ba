import { posix } from 'node:path'
import { parse } from 'yaml'
import type { DashboardProvider, Grafana } from '../model/grafana.ts'
import { isRecord } from '../model/is-record.ts'
import type { Container, Volume } from '../model/kubernetes.ts'

/** A ConfigMap with files that tell Grafana where dashboards lie: one key of it, or all. */
export interface ProviderSource {
  readonly configMap: string
  readonly key?: string
}

/**
 * The ConfigMaps that Grafana's container has mounted where it looks for providers of dashboards. Undefined where that
 * is not all there may be: another image, another folder, a volume of another kind.
 * Upstream: grafana/grafana pkg/services/provisioning/dashboards/config_reader.go.
 */
export const providerSources = ({ container, workload }: Grafana): readonly ProviderSource[] | undefined => {
  const folder = container && providersFolder(container)
  if (!folder) return undefined
  const volumes = workload.spec?.template?.spec?.volumes ?? []
  const mounts = (container.volumeMounts ?? []).filter(
    ({ mountPath }) => isBelow(mountPath, folder) || isBelow(folder, mountPath),
  )
  const sources = mounts.map(mount =>
    sourceOf(
      mount,
      folder,
      volumes.find(({ name }) => name === mount.name),
    ),
  )
  return sources.every(source => source !== undefined) ? sources : undefined
}

/** The image says where, and its variable outweighs grafana.ini; an image of one's own may bring providers of its own. */
const providersFolder = ({ image = '', env = [], envFrom = [], args = [], command = [] }: Container) => {
  if (!/(^|\/)grafana\/grafana(-enterprise|-oss)?(:[^/]*)?(@.*)?$/.test(image)) return undefined
  if (envFrom.length > 0 || args.length > 0 || command.length > 0) return undefined
  const entry = env.findLast(({ name }) => name === 'GF_PATHS_PROVISIONING')
  const base = entry ? entry.value : '/etc/grafana/provisioning'
  return base?.startsWith('/') && !base.includes('$(') ? posix.join(base, 'dashboards') : undefined
}

const sourceOf = (
  { mountPath, subPath }: NonNullable<Container['volumeMounts']>[number],
  folder: string,
  volume: Volume | undefined,
): ProviderSource | undefined => {
  const configMap = volume?.configMap
  if (configMap?.name === undefined || 'items' in configMap) return undefined
  const isWhole = subPath === undefined && posix.relative(folder, mountPath) === ''
  if (isWhole) return { configMap: configMap.name }
  const isFile = subPath !== undefined && !subPath.includes('/') && posix.dirname(mountPath) === folder
  return isFile && isProviderFile(mountPath) ? { configMap: configMap.name, key: subPath } : undefined
}

/** Whether Grafana takes a file of that folder for one with providers. */
export const isProviderFile = (name: string): boolean => /\.ya?ml$/.test(name)

/**
 * The providers in a file; undefined where not all of it can be told: no YAML of this form, a relative path, or a
 * variable in the place of a value.
 */
export const parseProviders = (text: string): readonly Omit<DashboardProvider, 'ref'>[] | undefined => {
  const file = parsed(text)
  if (file === null) return []
  if (!isRecord(file) || !Array.isArray(file.providers)) return undefined
  const providers = file.providers.map(providerOf)
  return providers.every(provider => provider !== undefined) ? providers : undefined
}

const providerOf = (provider: unknown): Omit<DashboardProvider, 'ref'> | undefined => {
  if (!isRecord(provider) || !isRecord(provider.options)) return undefined
  const { path } = provider.options
  if (typeof path !== 'string' || !path.startsWith('/') || path.includes('$')) return undefined
  const { updateIntervalSeconds } = provider
  return { path, seconds: Number(updateIntervalSeconds) > 0 ? Number(updateIntervalSeconds) : 10 }
}

const parsed = (text: string): unknown => {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** The providers that read a directory: they walk all below their path, but for what is hidden. */
export const readersOf = (directory: string, providers: readonly DashboardProvider[]): readonly DashboardProvider[] =>
  providers.filter(
    ({ path }) =>
      isBelow(directory, path) &&
      !posix
        .relative(path, directory)
        .split('/')
        .some(part => part.startsWith('.')),
  )

const isBelow = (path: string, folder: string): boolean => {
  const relative = posix.relative(folder, path)
  return relative !== '..' && !relative.startsWith('../')
}

import type { Sidecar } from '../model/grafana.ts'
import type { Container, EnvVar, PodSpec } from '../model/kubernetes.ts'
import { type SettingName, sidecarSettings } from './sidecar-settings.ts'
import { isBefore } from './sidecar-version.ts'

/**
 * Whether a container is the k8s-sidecar that fetches dashboards. The same image, in the same pod, also fetches data
 * sources, alerts, notifiers and plugins; nameOverride changes the first half of its name.
 */
export const isDashboardSidecar = (container: Container): boolean => {
  const { name, image = '' } = container
  if (!/k8s-sidecar/.test(image) && !/-sc-dashboards?$/.test(name)) return false
  if (/-sc-dashboards?$/.test(name)) return true
  const words = [name, literal(container, 'LABEL'), literal(container, 'FOLDER')].join(' ')
  return /dashboard/i.test(words) && !/datasource|alert|notifier|plugin/i.test(name)
}

/** Whether a container is the k8s-sidecar that fetches data sources. */
export const isDataSourceSidecar = ({ name, image = '' }: Container): boolean =>
  /-sc-datasources?$/.test(name) || (/k8s-sidecar/.test(image) && /datasource/i.test(name))

/** Reads the sidecar's settings from its environment, as the kubelet would set it. */
export const readSidecar = ({
  container,
  once,
  namespace,
  pod,
  reader,
}: {
  readonly container: Container
  readonly once: boolean
  readonly namespace: string | undefined
  readonly pod: PodSpec | undefined
  /** Grafana's own container. */
  readonly reader: Container | undefined
}): Sidecar => {
  const version = versionOf(container.image ?? '')
  const read = namesKnownTo(version).map(name => [name, readSetting(container, name, namespace)] as const)
  const user = userOf(container, pod)
  const readingUser = reader && userOf(reader, pod)
  return {
    container: container.name,
    once,
    shared: isShared(container, reader),
    ...(version === undefined ? {} : { version }),
    ...(user === undefined ? {} : { user }),
    ...(readingUser === undefined ? {} : { readingUser }),
    settings: Object.fromEntries(
      read.flatMap(([name, setting]) => (typeof setting === 'string' ? [[name, setting]] : [])),
    ),
    unreadable: read.flatMap(([name, setting]) => (setting === unreadable ? [name] : [])),
  }
}

/** An image without a version in its tag may be a new one. */
const namesKnownTo = (version: string | undefined): readonly SettingName[] =>
  (Object.keys(sidecarSettings) as SettingName[]).filter(name => {
    const { since } = sidecarSettings[name]
    return version === undefined || since === undefined || !isBefore({ version }, since)
  })

const userOf = ({ securityContext }: Container, pod: PodSpec | undefined): number | undefined =>
  securityContext?.runAsUser ?? pod?.securityContext?.runAsUser

/**
 * Grafana sees what the sidecar writes where both mount one volume; mounts that nobody shows say nothing, nor does a
 * FOLDER below the image's own working directory.
 */
const isShared = (container: Container, reader: Container | undefined): boolean => {
  const folder = literal(container, 'FOLDER')
  if (!folder.startsWith('/') || folder.includes('$(') || !container.volumeMounts || !reader?.volumeMounts) return true
  const own = container.volumeMounts
    .filter(({ mountPath }) => isBelow(folder, mountPath))
    .toSorted((a, b) => b.mountPath.length - a.mountPath.length)[0]
  return own !== undefined && reader.volumeMounts.some(({ name }) => name === own.name)
}

const isBelow = (folder: string, mountPath: string): boolean =>
  `${folder.replace(/\/+$/, '')}/`.startsWith(`${mountPath.replace(/\/+$/, '')}/`)

const unreadable = Symbol('stands somewhere else')

/**
 * A setting's value; undefined where it is not set. Kubernetes lets the last entry of a name win, and an entry wins
 * over envFrom, so envFrom matters for what no entry sets.
 */
const readSetting = (container: Container, name: SettingName, namespace: string | undefined) => {
  const entry = lastEntry(container, name)
  if (!entry) return (container.envFrom ?? []).length > 0 ? unreadable : undefined
  if (entry.valueFrom) return isOwnNamespace(entry) ? (namespace ?? unreadable) : unreadable
  return entry.value?.includes('$(') ? unreadable : (entry.value ?? '')
}

const lastEntry = ({ env = [] }: Container, name: string): EnvVar | undefined =>
  env.findLast(entry => entry.name === name)

const isOwnNamespace = ({ valueFrom }: EnvVar): boolean => valueFrom?.fieldRef?.fieldPath === 'metadata.namespace'

const literal = (container: Container, name: SettingName): string => lastEntry(container, name)?.value ?? ''

/** `1.30.3` of `quay.io/kiwigrid/k8s-sidecar:1.30.3@sha256:…`. */
const versionOf = (image: string): string | undefined =>
  image.replace(/@.*$/, '').match(/:v?(\d+\.\d+\.\d+)[^/:]*$/)?.[1]

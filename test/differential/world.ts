import fs from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import type { KubernetesObject, Prometheus, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { waitFor } from '../lab/api.ts'
import { core, get, list, monitoring, send } from '../lab/cluster.ts'
import { KubeError, type KubeObject } from '../lab/kube-client.ts'
import { pki } from '../lab/pki.ts'
import { namespaces } from './arbitrary-objects.ts'

/** What the differential test puts into the lab, in namespaces of its own that end with it. */

export interface World {
  readonly monitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
}

/** Objects that the API server itself refuses never come to be, and are left out. */
export const createWorld = async (wanted: World): Promise<World> => {
  await removeWorld()
  for (const [name, labels] of Object.entries(namespaces))
    await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  const [crt, key] = [pki.serverCertificate, pki.serverKey].map(file => fs.readFileSync(file, 'utf8'))
  const data = { text: 'secret', crt, key, broken: 'not PEM' }
  for (const namespace of ['differential-a', 'differential-b']) {
    const metadata = { name: 'keys', namespace }
    await send('POST', core(namespace, 'secrets'), { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data })
    await send('POST', core(namespace, 'configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
  }
  return { monitors: await createAll(wanted.monitors), prometheuses: await createAll(wanted.prometheuses) }
}

export const removeWorld = async (): Promise<void> => {
  const names = Object.keys(namespaces)
  // Its finalizer waits for an operator that has ended.
  for (const kind of ['Prometheus', 'PrometheusAgent'])
    for (const { metadata } of (await listed<KubernetesObject>(kind)).filter(isOurs))
      await send('PATCH', pathOf({ apiVersion: '', kind, metadata }), { metadata: { finalizers: null } }, merge)
  for (const name of names) await send('DELETE', `/api/v1/namespaces/${name}`, {}).catch(unless(404, 409))
  await waitFor(
    async () => {
      const left = await Promise.all(names.map(name => get(`/api/v1/namespaces/${name}`)))
      return left.every(namespace => namespace === undefined)
    },
    { what: 'the namespaces of the differential test to be gone', seconds: 90, everyMilliseconds: 500 },
  )
}

export const readMonitors = async (): Promise<readonly ServiceMonitor[]> =>
  (await listed<ServiceMonitor>('ServiceMonitor')).filter(isOurs)

/** What the operator wrote for a Prometheus; undefined where it wrote nothing. */
export const readConfiguration = async ({
  kind,
  metadata,
}: Prometheus): Promise<GeneratedConfiguration | undefined> => {
  const prefix = kind === 'PrometheusAgent' ? 'prom-agent' : 'prometheus'
  const secret = await get<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(
    core(metadata.namespace ?? '', 'secrets', `${prefix}-${metadata.name}`),
  )
  const packed = secret?.data?.['prometheus.yaml.gz']
  const text = packed ? gunzipSync(Buffer.from(packed, 'base64')).toString() : ''
  return text ? (parse(text) as GeneratedConfiguration) : undefined
}

export interface GeneratedConfiguration {
  readonly global?: unknown
  readonly scrape_configs?: readonly GeneratedJob[] | null
}

export interface GeneratedJob {
  readonly job_name: string
  readonly relabel_configs?: readonly Readonly<Record<string, unknown>>[]
}

const merge = 'application/merge-patch+json'

const isOurs = ({ metadata }: KubernetesObject): boolean => (metadata.namespace ?? '') in namespaces

/** Items of a list carry neither kind nor apiVersion. */
const listed = async <T extends KubernetesObject>(kind: string): Promise<readonly T[]> =>
  (await list<T & { metadata: never }>(`/apis/monitoring.coreos.com/${versionOf(kind)}/${pluralOf(kind)}`)).map(
    item => ({
      ...item,
      kind,
    }),
  )

const createAll = async <T extends KubernetesObject>(objects: readonly T[]): Promise<readonly T[]> => {
  const made: T[] = []
  for (const object of objects)
    await send<T>('POST', pathOf({ ...object, metadata: { ...object.metadata, name: '' } }), object).then(
      created => made.push(created),
      unless(422, 400),
    )
  return made
}

const unless =
  (...allowed: readonly number[]) =>
  (error: unknown): void => {
    if (!(error instanceof KubeError && allowed.includes(error.status))) throw error
  }

const versionOf = (kind: string): string => (kind === 'PrometheusAgent' ? 'v1alpha1' : 'v1')
const pluralOf = (kind: string): string => (kind === 'Prometheus' ? 'prometheuses' : `${kind.toLowerCase()}s`)

const pathOf = ({ kind, metadata }: KubernetesObject): string =>
  monitoring(metadata.namespace ?? '', pluralOf(kind), metadata.name).replace('/v1/', `/${versionOf(kind)}/`)

import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { redact } from '../../src/cluster/redaction.ts'
import { wordsOf } from '../../src/facts/referenced-objects.ts'
import type { Event, KubernetesObject, Prometheus, ServiceMonitor } from '../../src/model/kubernetes.ts'
import type { ReferencedObject } from '../../src/model/prometheus.ts'
import { waitFor } from '../lab/api.ts'
import { apps, core, get, list, monitoring, send } from '../lab/cluster.ts'
import { endRefusedReload } from '../lab/heal.ts'
import { KubeError, type KubeObject } from '../lab/kube-client.ts'
import { pki } from '../lab/pki.ts'
import { type Held, namespaces } from './arbitrary-objects.ts'
import type { RunningOperator } from './operator-process.ts'

/** What the differential test puts into the lab, in namespaces of its own that end with it. */

export interface World {
  readonly monitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
}

/**
 * Ends whoever looks after the world, and the world. The lab's own Prometheus may have been given some of it, and have
 * refused the file.
 */
export const endWorld = async (operators: readonly RunningOperator[]): Promise<void> => {
  await Promise.all(operators.map(({ stop }) => stop()))
  await removeWorld()
  await endRefusedReload()
}

/** Objects that the API server itself refuses never come to be, and are left out. */
export const createWorld = async (wanted: World): Promise<World> => {
  await removeWorld()
  for (const [name, labels] of Object.entries(namespaces))
    await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  const data = valuesHeld()
  for (const namespace of ['differential-a', 'differential-b']) {
    const metadata = { name: 'keys', namespace }
    await send('POST', core(namespace, 'secrets'), { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data })
    await send('POST', core(namespace, 'configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
  }
  return { monitors: await createAll(wanted.monitors), prometheuses: await createAll(wanted.prometheuses) }
}

const valuesHeld = (): Readonly<Record<Held, string>> => {
  const read = (file: string) => fs.readFileSync(file, 'utf8')
  const [crt, key, otherCrt, otherKey] = [
    read(pki.serverCertificate),
    read(pki.serverKey),
    read(pki.ca),
    read(pki.caKey),
  ]
  const own = createPrivateKey(key)
  const framed = (type: string, bytes: Buffer) =>
    `-----BEGIN ${type}-----\n${bytes.toString('base64')}\n-----END ${type}-----\n`
  const { raw } = new X509Certificate(crt)
  return {
    text: 'secret',
    empty: '',
    crt,
    otherCrt,
    bundle: `of the team:\n${crt}${otherCrt}`,
    key,
    otherKey,
    sec1: own.export({ format: 'pem', type: 'sec1' }).toString(),
    encrypted: own.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' }).toString(),
    both: crt + key,
    keyFirst: key + crt,
    broken: 'not PEM',
    garbage: framed('CERTIFICATE', Buffer.from('no certificate')),
    trailing: framed('CERTIFICATE', Buffer.concat([raw, Buffer.of(0)])),
    oneLine: crt.replaceAll('\n', ' '),
    x509: framed('X509 CERTIFICATE', raw),
    publicKey: createPublicKey(own).export({ format: 'pem', type: 'spki' }).toString(),
  }
}

/** What the references of the world lead to, as the doctor keeps it. */
export const readReferenced = async (): Promise<readonly ReferencedObject[]> =>
  Promise.all(
    Object.keys(namespaces).flatMap(namespace =>
      (['Secret', 'ConfigMap'] as const).flatMap(kind =>
        ['keys', 'absent'].map(async (name): Promise<ReferencedObject> => {
          const read = await get<KubeObject>(core(namespace, `${kind.toLowerCase()}s`, name))
          const ref = { apiVersion: 'v1', kind, namespace, name }
          return { ref, ...(read ? { data: wordsOf(redact({ ...read, kind } as unknown as KubernetesObject)) } : {}) }
        }),
      ),
    ),
  )

export const readPrometheus = async ({ kind, metadata }: Prometheus): Promise<Prometheus | undefined> => {
  const read = await get<KubeObject>(pathOf({ apiVersion: '', kind, metadata }))
  return read && ({ ...read, kind } as unknown as Prometheus)
}

/** Whether the operator got as far as to make one, with which its work on a Prometheus ends. */
export const hasStatefulSet = async (prometheus: Prometheus): Promise<boolean> =>
  (await get(apps(prometheus.metadata.namespace ?? '', 'statefulsets', madeFor(prometheus)))) !== undefined

/** Events of the world’s namespaces on what its operators rejected. */
export const readEvents = async (): Promise<readonly Event[]> =>
  (
    await Promise.all(Object.keys(namespaces).map(namespace => list<KubeObject>(core(namespace, 'events'))))
  ).flat() as unknown as readonly Event[]

const removeWorld = async (): Promise<void> => {
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
export const readConfiguration = async (prometheus: Prometheus): Promise<GeneratedConfiguration | undefined> => {
  const secret = await get<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(
    core(prometheus.metadata.namespace ?? '', 'secrets', madeFor(prometheus)),
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

/** The name of its Secret, and of its StatefulSet. */
const madeFor = ({ kind, metadata }: KubernetesObject): string =>
  `${kind === 'PrometheusAgent' ? 'prom-agent' : 'prometheus'}-${metadata.name}`

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

import { decodeHelmRelease } from '../helm/decode-release.ts'
import type { HelmRelease } from '../model/helm-release.ts'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import { type Api, askedOf, getRaw, listRaw } from './api-server.ts'
import type { Kind } from './cluster.ts'
import { redact } from './redaction.ts'
import { unavailable } from './unavailable.ts'

/**
 * Helm stores a release as one Secret a revision. The deployed one says what is there; where none is (a first install
 * that failed, an upgrade that hangs), the newest does. Histories may weigh megabytes, so that one is found by metadata.
 */
export const readHelmRelease = async (
  api: Api,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<Read<HelmRelease | undefined>> => {
  const labelSelector = `owner=helm,name=${name}`
  const deployed = await listRaw(
    api,
    { ...secrets, namespace, labelSelector: `${labelSelector},status=deployed` },
    asIs,
  )
  if (!deployed.ok) return deployed
  const found = newest(deployed.value)
  if (found) return releaseFrom(found)
  const all = await listRaw(api, { ...secrets, namespace, labelSelector, metadataOnly: true }, asIs)
  if (!all.ok) return all
  const last = newest(all.value)
  if (!last) return { ok: true, value: undefined }
  const secret = await getRaw(api, { ...secrets, namespace, name: last.metadata.name })
  if (!secret.ok) return secret
  return secret.value ? releaseFrom(secret.value) : { ok: true, value: undefined }
}

const secrets: Kind = { apiVersion: 'v1', kind: 'Secret', resource: 'secrets' }

const asIs = (item: KubernetesObject): KubernetesObject => item

const newest = (revisions: readonly KubernetesObject[]): KubernetesObject | undefined =>
  [...revisions].sort((a, b) => revisionOf(b) - revisionOf(a))[0]

const revisionOf = ({ metadata }: KubernetesObject): number => Number(metadata.labels?.version ?? 0)

const releaseFrom = (secret: KubernetesObject): Read<HelmRelease> => {
  const data = 'data' in secret && isRecord(secret.data) ? secret.data.release : undefined
  const release = decodeHelmRelease(typeof data === 'string' ? data : '')
  return 'invalid' in release
    ? unavailable(
        askedOf({ ...secrets, ...secret.metadata }, 'get'),
        'invalid',
        `Helm release Secret ${secret.metadata.name}: ${release.invalid}`,
      )
    : { ok: true, value: redact(release) }
}

import { managersOf } from '../kubernetes/ownership.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../model/kubernetes.ts'
import { fieldManager } from './writer.ts'

/**
 * The one kind of Secret that may be written: empty, and of the type that the API server fills with the token of a
 * ServiceAccount. So no bytes are written; and none are read, since only metadata is asked for.
 */
export const isTokenRequest = (secret: KubernetesObject): boolean =>
  'type' in secret && secret.type === tokenType && Object.keys(secret).every(field => fields.has(field))

const tokenType = 'kubernetes.io/service-account-token'
const fields = new Set(['apiVersion', 'kind', 'type', 'metadata'])

/** The controller writes the account's uid together with the token. */
export const isFilled = ({ metadata }: KubernetesObject): boolean => Boolean(metadata.annotations?.[filledFor])

const filledFor = 'kubernetes.io/service-account.uid'

/**
 * The Secret as it was asked for. Its type cannot change, so it is known where it was set by us. What the controller
 * fills in, and the day on which the API server last saw the token, are like a status nobody's claim.
 */
export const asRequested = ({ metadata }: KubernetesObject): KubernetesObject => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata }
  const isOurs = managersOf(secret, ['type']).some(({ manager }) => manager === fieldManager)
  const managedFields = metadata.managedFields?.filter(
    ({ manager, fieldsV1 }) => manager === fieldManager || !isKept(fieldsV1),
  )
  return {
    ...secret,
    ...(isOurs ? { type: tokenType } : {}),
    metadata: {
      ...metadata,
      annotations: withoutKept(metadata.annotations),
      labels: withoutKept(metadata.labels),
      ...(managedFields ? { managedFields } : {}),
    },
  }
}

/** Kubernetes keeps books in these; the account is named in one of them, by us. */
const isKeptKey = (key: string): boolean => /^kubernetes\.io\/(?:service-account\.uid|legacy-token-)/.test(key)

const withoutKept = (map: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !isKeptKey(key)))

/** Whether Kubernetes alone set these: the bytes, and its own labels and annotations. */
const isKept = (fields: ManagedFieldsEntry['fieldsV1'] = {}): boolean =>
  Object.entries(fields).every(
    ([field, below]) =>
      field === 'f:data' ||
      (field === 'f:metadata' &&
        Object.entries(below as Fields).every(
          ([map, keys]) =>
            (map === 'f:labels' || map === 'f:annotations') &&
            Object.keys(keys as Fields).every(key => key === '.' || isKeptKey(key.slice('f:'.length))),
        )),
  )

type Fields = Readonly<Record<string, unknown>>

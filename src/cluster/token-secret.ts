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
 * The Secret as it was asked for. Its type cannot change, so it is known where it was set by us; and what the controller
 * filled in is, like a status, nobody's claim.
 */
export const asRequested = ({ metadata }: KubernetesObject): KubernetesObject => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata }
  const isOurs = managersOf(secret, ['type']).some(({ manager }) => manager === fieldManager)
  const { [filledFor]: _uid, ...annotations } = metadata.annotations ?? {}
  const managedFields = metadata.managedFields?.filter(entry => !isFilling(entry))
  return {
    ...secret,
    ...(isOurs ? { type: tokenType } : {}),
    metadata: { ...metadata, annotations, ...(managedFields ? { managedFields } : {}) },
  }
}

const isFilling = ({ manager, fieldsV1 = {} }: ManagedFieldsEntry): boolean =>
  manager === 'kube-controller-manager' && 'f:data' in fieldsV1

import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { groupOf } from './object-ref.ts'

/**
 * Whether an Argo CD Application, or a Kustomization of Flux, counts the object among what it applies, be it there or not;
 * undefined where it does not say.
 */
export const isAppliedBy = (deployer: KubernetesObject, object: ObjectRef): boolean | undefined => {
  const { status } = deployer as { readonly status?: unknown }
  if (!isRecord(status)) return undefined
  return deployer.kind === 'Application' ? isAmong(status, object) : isInInventory(status.inventory, object)
}

/** What Argo CD compared last: what Git renders, and what is there of what it rendered once. */
const isAmong = ({ resources }: Json, object: ObjectRef): boolean | undefined =>
  Array.isArray(resources)
    ? resources
        .filter(isRecord)
        .some(
          one =>
            (one.group ?? '') === groupOf(object) &&
            one.kind === object.kind &&
            one.name === object.name &&
            (one.namespace ?? '') === (object.namespace ?? ''),
        )
    : undefined

type Json = Readonly<Record<string, unknown>>

/** Ids of cli-utils: `<namespace>_<name>_<group>_<kind>`, where a colon in a name is written as two underscores. */
const isInInventory = (inventory: unknown, object: ObjectRef): boolean | undefined => {
  if (!isRecord(inventory) || !Array.isArray(inventory.entries)) return undefined
  const { namespace = '', name, kind } = object
  const id = [namespace, name.replaceAll(':', '__'), groupOf(object), kind].join('_')
  return inventory.entries.filter(isRecord).some(entry => entry.id === id)
}

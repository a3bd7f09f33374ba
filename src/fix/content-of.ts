import { isDeepStrictEqual } from 'node:util'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'

/**
 * What people and their tools write of an object: without status, and without what the server keeps books with.
 * Absent labels and annotations are empty ones, so that a first label comes and goes alone.
 */
export const contentOf = (object: KubernetesObject): Readonly<Record<string, unknown>> => {
  const { metadata, ...fields } = object
  const { labels = {}, annotations = {}, ...rest } = metadata
  const kept = Object.entries({ ...rest, labels, annotations }).filter(([key]) => !serverSide.has(key))
  return {
    ...Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'status')),
    metadata: Object.fromEntries(kept),
  }
}

const serverSide = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'selfLink',
])

/** Whether all that a manifest says stands in an object, which may say more: the server fills in defaults. */
export const holds = (object: unknown, manifest: unknown): boolean => {
  if (isRecord(manifest))
    return isRecord(object) && Object.entries(manifest).every(([key, value]) => holds(object[key], value))
  if (Array.isArray(manifest))
    return (
      Array.isArray(object) &&
      object.length === manifest.length &&
      manifest.every((value, index) => holds(object[index] as unknown, value))
    )
  return isDeepStrictEqual(object, manifest)
}

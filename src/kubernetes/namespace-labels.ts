import type { Namespace } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'

/**
 * On a Namespace that stands in files only by its name: the API server gives every namespace the label of its own
 * name, and what other labels it has is not known.
 */
export const labelsIncomplete = 'dynamo-metrics/labels-incomplete'

/** All labels of a namespace; undefined where they could not be read, or not all of them. */
export const namespaceLabels = (
  namespaces: Read<Listing<Namespace>>,
  name: string | undefined,
): Readonly<Record<string, string>> | undefined => {
  const namespace = namespaces.ok ? namespaces.value.items.find(({ metadata }) => metadata.name === name) : undefined
  if (!namespace || labelsIncomplete in (namespace.metadata.annotations ?? {})) return undefined
  return namespace.metadata.labels ?? {}
}

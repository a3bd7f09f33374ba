import type { KubernetesObject, ManagedFieldsEntry } from '../model/kubernetes.ts'

/**
 * When the spec or the labels of an object were last changed, in milliseconds since 1970; 0 where nothing tells.
 * Kubernetes keeps no such time, but the managers of its fields have theirs. A change of annotations, finalizers or a
 * subresource makes no controller look again.
 */
export const lastChange = ({ metadata }: KubernetesObject): number =>
  Math.max(
    timeOf(metadata.creationTimestamp),
    ...(metadata.managedFields ?? [])
      .filter(({ subresource, fieldsV1 }) => !subresource && touchesSpecOrLabels(fieldsV1))
      .map(({ time }) => timeOf(time)),
  )

const timeOf = (text: string | undefined): number => Date.parse(text ?? '') || 0

const touchesSpecOrLabels = (fields: ManagedFieldsEntry['fieldsV1']): boolean => {
  if (fields === undefined || 'f:spec' in fields) return true
  const metadata = fields['f:metadata']
  return typeof metadata === 'object' && metadata !== null && 'f:labels' in metadata
}

import type { KubernetesObject } from '../model/kubernetes.ts'

/** When anything of an object was last written, in milliseconds since 1970; 0 where nothing tells. */
export const changedAt = ({ metadata }: KubernetesObject): number =>
  Math.max(
    ...[metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)].map(
      time => Date.parse(time ?? '') || 0,
    ),
  )

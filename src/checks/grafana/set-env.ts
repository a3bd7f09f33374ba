import type { Workload } from '../../model/kubernetes.ts'

/** The kubectl command that changes a container's environment; the workload replaces its pods. */
export const setEnv = (
  { kind, metadata }: Workload,
  container: string,
  set: Readonly<Record<string, string>>,
): string =>
  `kubectl -n ${metadata.namespace} set env ${kind.toLowerCase()}/${metadata.name} -c ${container} ${Object.entries(set)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`

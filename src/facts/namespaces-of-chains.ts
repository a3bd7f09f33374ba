import type { Chain } from '../model/chain.ts'

/** The namespaces where the chains' Services and ServiceMonitors live, each once. */
export const namespacesOf = (chains: readonly Chain[]): readonly string[] => [
  ...new Set(
    chains
      .flatMap(({ workload, service }) => [workload.metadata.namespace, service?.metadata.namespace])
      .filter(isString),
  ),
]

const isString = (value: string | undefined): value is string => value !== undefined

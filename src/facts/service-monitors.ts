import type { Chain } from '../model/chain.ts'
import type { ServiceMonitor } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { found, listEach, listEverywhere } from './listing.ts'
import { namespacesOf } from './namespaces-of-chains.ts'

/**
 * ServiceMonitors of the namespaces where the Services live. Elsewhere what Prometheus scrapes is trusted, so that
 * the cost does not grow with the cluster. Where files have a say, Prometheus has none: then those of all namespaces.
 */
export const serviceMonitors: FactReader<'serviceMonitors'> = async context => {
  const chains = await context.fact('chains')
  if (!chains.ok) return chains
  const { kind } = context.cluster.source
  if (kind === 'manifests') return inFiles(context, chains.value.items)
  const namespaces = namespacesOf(chains.value.items)
  const inTheirs = () =>
    listEach<ServiceMonitor>(
      context,
      namespaces.map(namespace => ({ ...kinds.serviceMonitor, namespace })),
    )
  if (kind !== 'overlay') return inTheirs()
  const everywhere = await listEverywhere<ServiceMonitor>(context, kinds.serviceMonitor)
  if (everywhere.ok) return everywhere
  const read = await inTheirs()
  return read.ok
    ? { ok: true, value: { ...read.value, unread: [...read.value.unread, everywhere.unavailable], within: namespaces } }
    : read
}

/** What a renderer made is all that the chart makes, while of a running cluster's objects some kinds may be left out. */
const inFiles = async (context: ReadContext, chains: readonly Chain[]): Promise<Read<Listing<ServiceMonitor>>> => {
  const read = await listEverywhere<ServiceMonitor>(context, kinds.serviceMonitor)
  const isRendered = chains.some(({ workload, service }) => service && workload.metadata.uid === undefined)
  return read.ok || !isRendered ? read : found([])
}

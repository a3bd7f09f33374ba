import type { ListQuery } from '../cluster/cluster.ts'
import type { Prometheus } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, listEach, listEverywhere, orNotThere } from './listing.ts'

/** Prometheus and PrometheusAgent objects; the one that --prometheus names, where it does. */
export const prometheuses: FactReader<'prometheuses'> = async context => {
  const found = concat(await Promise.all([kinds.prometheus, kinds.prometheusAgent].map(kind => listOf(context, kind))))
  return orNotThere(found, '--prometheus', kinds.prometheus, context.narrowing.prometheus)
}

const listOf = (context: ReadContext, kind: Omit<ListQuery, 'namespace'>): Promise<Read<Listing<Prometheus>>> => {
  const one = context.narrowing.prometheus
  return one === undefined
    ? listEverywhere(context, kind)
    : listEach(context, [{ ...kind, namespace: one.namespace, fieldSelector: `metadata.name=${one.name}` }])
}

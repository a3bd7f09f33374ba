import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach, listEverywhere } from './listing.ts'

/** prometheus-operator labels the pods it makes with the name of their object. */
const labelSelector = 'operator.prometheus.io/name'

export const prometheusPods: FactReader<'prometheusPods'> = context => {
  const one = context.narrowing.prometheus
  return one === undefined
    ? listEverywhere(context, { ...kinds.pod, labelSelector })
    : listEach(context, [{ ...kinds.pod, namespace: one.namespace, labelSelector: `${labelSelector}=${one.name}` }])
}

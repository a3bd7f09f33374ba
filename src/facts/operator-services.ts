import { operatorLabelSelector } from '../dynamo/recognise.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach, listEverywhere } from './listing.ts'

/** Services that carry the chart's labels; in the namespace that --operator-namespace names, all of them. */
export const operatorServices: FactReader<'operatorServices'> = context => {
  const namespace = context.narrowing.operatorNamespace
  return namespace === undefined
    ? listEverywhere(context, { ...kinds.service, labelSelector: operatorLabelSelector })
    : listEach(context, [{ ...kinds.service, namespace }])
}

import { isDynamoOperator, operatorLabelSelector } from '../dynamo/recognise.ts'
import type { Workload } from '../model/kubernetes.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach, listEverywhere, wasNotAsked } from './listing.ts'

/**
 * The Deployments that run Dynamo's operator, by the chart's labels. Only where nothing carries those, or in the
 * namespace that --operator-namespace names, each Deployment is looked at, for an operator's image.
 */
export const operatorWorkloads: FactReader<'operatorWorkloads'> = async context => {
  const namespace = context.narrowing.operatorNamespace
  if (namespace !== undefined)
    return operatorsAmong(await listEach<Workload>(context, [{ ...kinds.deployment, namespace }]))
  const labelled = operatorsAmong(
    await listEverywhere<Workload>(context, { ...kinds.deployment, labelSelector: operatorLabelSelector }),
  )
  if (!labelled.ok || labelled.value.items.length > 0) return labelled
  const all = operatorsAmong(await listEverywhere<Workload>(context, kinds.deployment))
  return wasNotAsked(all) ? labelled : all
}

const operatorsAmong = (read: Read<Listing<Workload>>): Read<Listing<Workload>> =>
  read.ok ? { ok: true, value: { ...read.value, items: read.value.items.filter(isDynamoOperator) } } : read

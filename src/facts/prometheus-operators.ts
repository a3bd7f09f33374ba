import type { Workload } from '../model/kubernetes.ts'
import { parseOperatorFlags } from '../prometheus/operator-flags.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEverywhere } from './listing.ts'

/** The names that kube-prometheus-stack, kube-prometheus and the plain bundle give their Deployment's name label. */
const names = ['prometheus-operator', 'kube-prometheus-stack-prometheus-operator']

export const prometheusOperators: FactReader<'prometheusOperators'> = async context => {
  const workloads = await listEverywhere<Workload>(context, {
    ...kinds.deployment,
    labelSelector: `app.kubernetes.io/name in (${names.join(',')})`,
  })
  if (!workloads.ok) return workloads
  const items = workloads.value.items.map(workload => ({ workload, flags: parseOperatorFlags(workload) }))
  return { ok: true, value: { ...workloads.value, items } }
}

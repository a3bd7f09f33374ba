import type { Workload } from '../model/kubernetes.ts'
import { isPrometheusOperator, parseOperatorFlags } from '../prometheus/operator-flags.ts'
import { besidePrometheuses } from './beside-prometheuses.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEverywhere } from './listing.ts'

/** The names that kube-prometheus-stack, kube-prometheus and the plain bundle give their Deployment's name label. */
const names = ['prometheus-operator', 'kube-prometheus-stack-prometheus-operator']

/**
 * With their flags. Where nothing carries one of the names (kube-prometheus-stack's nameOverride changes its own), those
 * that run prometheus-operator's image beside a Prometheus.
 */
export const prometheusOperators: FactReader<'prometheusOperators'> = async context => {
  const workloads = await listEverywhere<Workload>(context, {
    ...kinds.deployment,
    labelSelector: `app.kubernetes.io/name in (${names.join(',')})`,
  })
  if (!workloads.ok) return workloads
  const named = workloads.value.items
  const found = named.length > 0 ? named : (await besidePrometheuses(context, [kinds.deployment])).filter(runsOne)
  const items = found.map(workload => ({ workload, flags: parseOperatorFlags(workload) }))
  return { ok: true, value: { ...workloads.value, items } }
}

const runsOne = ({ spec }: Workload): boolean => (spec?.template?.spec?.containers ?? []).some(isPrometheusOperator)

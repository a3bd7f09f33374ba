import { type ComparedFamily, compareFamilies } from '../../dynamo/compare-families.ts'
import { hasDashboard } from '../../dynamo/dashboard-eras.ts'
import { isKnownVersion } from '../../dynamo/era.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { ExposedOfChain } from '../../model/prometheus.ts'
import type { Listing, Read } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { aboutChain } from '../about-chain.ts'
import { unreadOf } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const metricsContractKept = defineCheck({
  id: 'metrics-contract-kept',
  title: 'The metrics have the types, labels and values of this version',
  area: 'metrics',
  needs: ['chains', 'exposed'],
  wants: ['serviceMonitors'],
  codes: {
    'metrics/contract-violation': {
      title: 'Metrics have another type, or other labels or values, than this version of the operator gives them',
      severity: 'warning',
    },
  },
  run({ chains, exposed, serviceMonitors }) {
    const known = chains.items.filter(isKnownVersion)
    if (known.length === 0) return { notApplicable: 'what this version of the operator serves is not known' }
    const judged = exposed.items.flatMap(one => {
      const chain = known.find(({ id }) => id === one.chain)
      return chain && one.series.length > 0 ? [{ chain, exposed: one, differing: differingIn(chain, one) }] : []
    })
    const unread = unreadOf(known, exposed)
    if (judged.length === 0 && unread.length === 0)
      return { notApplicable: 'no Prometheus holds metrics of the operator' }
    return {
      findings: judged
        .filter(({ differing }) => differing.length > 0)
        .map(({ chain, exposed: { prometheus }, differing }) =>
          violation(chain, prometheus, differing, serviceMonitors),
        ),
      unknown: unread.length > 0 ? [{ missing: unread, reason: 'which labels the metrics have' }] : [],
      notes: judged.map(
        ({ chain, exposed: { series, metadata } }) =>
          `${chain.id}: ${new Set(series.map(({ name }) => name)).size} families${metadata.size === 0 ? ', without their types' : ''}`,
      ),
    }
  },
})

const differingIn = ({ era }: Chain, exposed: ExposedOfChain): readonly ComparedFamily[] =>
  hasDashboard(era) ? compareFamilies(era, exposed).filter(({ differs }) => differs.length > 0) : []

const violation = (
  chain: Chain,
  prometheus: ExposedOfChain['prometheus'],
  differing: readonly ComparedFamily[],
  serviceMonitors: Read<Listing<ServiceMonitor>>,
): Finding<'metrics/contract-violation'> => {
  const monitors = serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items) : []
  const differences = differing.flatMap(({ name, differs }) => differs.map(actual => ({ name, actual })))
  const [first, ...rest] = [...Map.groupBy(differences, ({ actual }) => actual)].map(([actual, families]) => ({
    ref: prometheus,
    path: families.map(({ name }) => name).join(', '),
    expected: `as ${chain.version ?? chain.era} serves ${families.length === 1 ? 'it' : 'them'}`,
    actual,
  }))
  return {
    code: 'metrics/contract-violation',
    subject: refOf(chain.workload),
    about: [...aboutChain(chain), ...monitors.map(refOf), prometheus],
    message: `${differing.length === 1 ? `${differing[0]?.name} is` : `${differing.length} metrics of ${chain.id} are`} not in ${formatRef(prometheus)} as version ${chain.version ?? chain.era} serves ${differing.length === 1 ? 'it' : 'them'}`,
    evidence: [first ?? { ref: prometheus, expected: 'what this version serves', actual: 'something else' }, ...rest],
    because: monitors.some(hasMetricRelabelings)
      ? 'a metricRelabeling of the ServiceMonitor may change what the operator serves, or its build is not the one that its version names'
      : 'the operator’s build may not be the one that its version names, or something on the way changes labels',
    fixes: [lookAtRules(chain, monitors)],
  }
}

const hasMetricRelabelings = ({ spec }: ServiceMonitor): boolean =>
  spec?.endpoints?.some(({ metricRelabelings = [] }) => metricRelabelings.length > 0) ?? false

const lookAtRules = ({ workload }: Chain, monitors: readonly ServiceMonitor[]): Fix => ({
  id: 'look-at-rules',
  title: 'See who changes the metrics, the operator or a rule on the way',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: 'The first command shows what the operator should serve and what is there. If a metricRelabeling changes it, take the rule out where it is made; if the operator does, its image is not the one that its version names.',
      commands: [
        'dynamo-metrics metrics --live',
        ...monitors.map(
          ({ metadata: { namespace, name } }) =>
            `kubectl -n ${namespace} get servicemonitor ${name} -o jsonpath='{.spec.endpoints[*].metricRelabelings}'`,
        ),
        `kubectl -n ${workload.metadata.namespace} get ${workload.kind.toLowerCase()} ${workload.metadata.name} -o jsonpath='{.spec.template.spec.containers[*].image}'`,
      ],
    },
  ],
  lasts: 'Yes, when it is changed where the object comes from.',
  verify: ['metrics-contract-kept'],
})

import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import { aboutChain } from '../about-chain.ts'

interface Elsewhere {
  readonly chain: Chain
  readonly monitor: ServiceMonitor
  /** The Prometheus that --prometheus names. */
  readonly asked: Prometheus
  /** One that selects the ServiceMonitor. */
  readonly selecting: Prometheus
  /** Why the one that was asked for does not. */
  readonly failing: readonly Evidence[]
}

/** A warning by itself: where the one that was named runs and has no metrics, that is the error, and this its cause. */
export const wrongPrometheus = ({
  chain,
  monitor,
  asked,
  selecting,
  failing,
}: Elsewhere): Finding<'monitor/wrong-prometheus'> => {
  const subject = refOf(monitor)
  const [named, other] = [refOf(asked), refOf(selecting)]
  return {
    code: 'monitor/wrong-prometheus',
    subject,
    about: [...aboutChain(chain), subject, named, other],
    message: `${formatRef(other)} selects ${formatRef(subject)}, and ${formatRef(named)}, which --prometheus names, does not`,
    evidence: [
      {
        ref: other,
        path: 'spec.serviceMonitorSelector',
        expected: 'the selector of the Prometheus that --prometheus names',
        actual: 'that of another one, and it matches',
      },
      ...failing,
    ],
    because:
      'each Prometheus takes only what its own selectors pick, and the flag names another than the one that does',
    fixes: [
      {
        id: 'name-the-other',
        title: 'Name the Prometheus that selects it, or have it selected by both',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: `If the metrics are to be in ${formatRef(named)} as well, let its selectors pick the ServiceMonitor, which lacks what is said above. Both then scrape it, each into its own store.`,
            commands: [`dynamo-metrics doctor --prometheus ${other.namespace}/${other.name}`],
          },
        ],
        lasts: 'Yes: a flag changes nothing in the cluster.',
        verify: ['monitor-selected'],
      },
    ],
  }
}

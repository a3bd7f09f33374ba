import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import { isFinished, isReady, podProblem } from '../../kubernetes/pods.ts'
import { serviceSelects } from '../../kubernetes/service-selects.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Pod, Service } from '../../model/kubernetes.ts'
import { aboutChain } from '../about-chain.ts'
import { isCompleteIn, missingIn, none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const serviceEndpoints = defineCheck({
  id: 'service-endpoints',
  title: 'The metrics Service has a ready endpoint',
  area: 'service',
  needs: ['chains', 'operatorPods'],
  wants: [],
  provedBy: 'metrics-families-present',
  codes: {
    'service/endpoints-not-ready': {
      title: 'None of the pods behind the Service is ready',
      severity: 'warning',
      causedBy: ['operator/image-unavailable', 'operator/not-ready'],
    },
  },
  run({ chains, operatorPods }) {
    const withService = chains.items.filter(({ service }) => service !== undefined)
    if (withService.length === 0) return none('there is no metrics Service', chains)
    const unready = withService.filter(chain => !podsBehind(chain, operatorPods.items).some(isReady))
    const complete = unready.every(({ workload }) => isCompleteIn(operatorPods, workload.metadata.namespace))
    if (complete && withService.every(chain => podsBehind(chain, operatorPods.items).length === 0))
      return {
        notApplicable: 'no pod stands behind the Service: whether its selector or the operator is why, others say',
      }
    return {
      findings: unready.flatMap(chain => {
        const pods = podsBehind(chain, operatorPods.items)
        return chain.service && pods.length > 0 ? [notReady(chain, chain.service, pods)] : []
      }),
      unknown: unready.flatMap(({ id, workload }) => {
        const missing = missingIn(operatorPods, workload.metadata.namespace)
        return missing.length > 0 ? [{ missing, reason: `whether a pod of ${id} is ready` }] : []
      }),
      notes: withService.map(chain => `${podsBehind(chain, operatorPods.items).filter(isReady).length} ready`),
    }
  },
})

/** Pods of finished Jobs stay unready for ever: they are no endpoint that anybody waits for. */
const podsBehind = ({ service }: Chain, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(
    pod =>
      service !== undefined &&
      pod.metadata.namespace === service.metadata.namespace &&
      !isFinished(pod) &&
      serviceSelects(service, pod.metadata.labels),
  )

const notReady = (chain: Chain, service: Service, pods: readonly Pod[]): Finding<'service/endpoints-not-ready'> => {
  const subject = refOf(service)
  const [first, ...rest] = pods.map((pod): Evidence => {
    const problem = podProblem(pod)
    return {
      ref: refOf(pod),
      path: 'status',
      expected: 'ready',
      actual: problem ? `${problem.reason}: ${problem.message}` : 'not ready',
    }
  })
  return {
    code: 'service/endpoints-not-ready',
    subject,
    about: [...aboutChain(chain), ...pods.map(refOf)],
    message: `${formatRef(subject)} has ${pods.length === 1 ? 'one pod' : `${pods.length} pods`} behind it, none of them ready`,
    evidence: [first ?? { ref: subject, expected: 'a ready pod', actual: 'none' }, ...rest],
    because: 'Prometheus scrapes pods that are not ready all the same, so this alone hides no metrics',
    fixes: [
      {
        id: 'see-operator-pods',
        title: 'See why the operator’s pods are not ready',
        risk: 'manual',
        at: 'live',
        steps: [
          {
            do: 'tell',
            text: 'The pods and their log say why.',
            commands: [
              `kubectl -n ${subject.namespace} describe deployment ${chain.workload.metadata.name}`,
              `kubectl -n ${subject.namespace} logs deployment/${chain.workload.metadata.name} --all-containers --tail=50`,
            ],
          },
        ],
        lasts: 'Depends on the cause.',
        verify: ['service-endpoints'],
      },
    ],
  }
}

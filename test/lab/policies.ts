import type { V1LabelSelector, V1Namespace, V1NetworkPolicy, V1NetworkPolicyPeer, V1Pod } from '@kubernetes/client-node'
import { podsOf } from './ask.ts'
import { get, list } from './cluster.ts'
import { dynamo, names, stack } from './layout.ts'
import { dropAnswersTo, dropNoAnswers } from './network.ts'

/** The port that the operator's metrics are on. */
const port = 8080

/**
 * Imitates what a network plugin would do, and nobody here does: what the NetworkPolicies of the operator's namespace do
 * not let in from Prometheus is dropped, and what they let in is not. Until the returned function is called.
 */
export function enforcePolicies(): () => Promise<void> {
  let isOver = false
  const work = async () => {
    while (!isOver) {
      await enforceOnce()
      await new Promise(resolve => setTimeout(resolve, 250))
    }
  }
  const working = work()
  return () => {
    isOver = true
    return working
  }
}

async function enforceOnce(): Promise<void> {
  const policies = await list<V1NetworkPolicy>(
    `/apis/networking.k8s.io/v1/namespaces/${dynamo.namespace}/networkpolicies`,
  )
  const from = await get<V1Namespace>(`/api/v1/namespaces/${stack.namespace}`)
  const operators = await podsOf(dynamo.namespace, 'control-plane=controller-manager')
  const [prometheus] = await podsOf(stack.namespace, `operator.prometheus.io/name=${names.prometheus}`)
  for (const operator of operators) {
    const id = operator.metadata?.uid?.slice(0, 8) ?? ''
    const selecting = policies.filter(({ spec }) => selects(spec?.podSelector, operator.metadata?.labels))
    const isLetIn = selecting.some(policy => prometheus && letsIn(policy, prometheus, from?.metadata?.labels))
    if (selecting.length === 0 || isLetIn) dropNoAnswers(id)
    else if (prometheus?.status?.podIP) dropAnswersTo(id, prometheus.status.podIP)
  }
}

/** As the API server writes it; the client's own type calls `from` another name. */
interface Rule {
  readonly from?: readonly V1NetworkPolicyPeer[]
  readonly ports?: readonly { readonly port?: number | string }[]
}

const letsIn = ({ spec }: V1NetworkPolicy, pod: V1Pod, namespaceLabels: Labels): boolean =>
  ((spec?.ingress ?? []) as readonly Rule[]).some(
    ({ from = [], ports = [] }) =>
      (ports.length === 0 || ports.some(one => Number(one.port) === port)) &&
      (from.length === 0 || from.some(peer => isPeer(peer, pod, namespaceLabels))),
  )

const isPeer = (
  { podSelector, namespaceSelector }: V1NetworkPolicyPeer,
  pod: V1Pod,
  namespaceLabels: Labels,
): boolean =>
  namespaceSelector !== undefined &&
  selects(namespaceSelector, namespaceLabels) &&
  selects(podSelector ?? {}, pod.metadata?.labels)

type Labels = Readonly<Record<string, string>> | undefined

/** By labels alone: of expressions this knows nothing, and does not guess. */
function selects(selector: V1LabelSelector | undefined, labels: Labels): boolean {
  if (!selector || selector.matchExpressions) return false
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value)
}

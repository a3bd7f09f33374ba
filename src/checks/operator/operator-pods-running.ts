import { helmValue } from '../../dynamo/values.ts'
import { awaitsPods } from '../../kubernetes/awaits-pods.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import { isFinished, isLeaving, isReady, isStarting, podProblem } from '../../kubernetes/pods.ts'
import { refusalOfPods, selectsPod } from '../../kubernetes/workloads.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { ContainerStatus, Pod } from '../../model/kubernetes.ts'
import { itemsIn } from '../../model/read.ts'
import { aboutChain } from '../about-chain.ts'
import { missingIn, none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { upgradeWith } from '../upgrade-of.ts'

type Code = 'operator/image-unavailable' | 'operator/not-ready'

export const operatorPodsRunning = defineCheck({
  id: 'operator-pods-running',
  title: 'The Dynamo operator is running',
  area: 'operator',
  needs: ['chains', 'operatorPods'],
  wants: ['server', 'releases'],
  live: true,
  provedBy: 'metrics-families-present',
  codes: {
    'operator/image-unavailable': { title: 'An image of the Dynamo operator cannot be pulled', severity: 'error' },
    'operator/not-ready': { title: 'No pod of the Dynamo operator is ready', severity: 'error' },
  },
  run({ chains, operatorPods, server, releases }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    const now = server.ok ? server.value.now : undefined
    const known = itemsIn(releases)
    const unread = ({ workload }: Chain) => missingIn(operatorPods, workload.metadata.namespace)
    const down = chains.items.filter(chain => !podsOf(chain, operatorPods.items).some(isReady))
    const unseen = down.filter(chain => podsOf(chain, operatorPods.items).length === 0 && unread(chain).length > 0)
    return {
      findings: down
        .filter(chain => !unseen.includes(chain))
        .map(chain => notRunning(chain, podsOf(chain, operatorPods.items), { now, releases: known })),
      unknown: unseen.map(chain => ({ missing: unread(chain), reason: `whether a pod of ${chain.id} is ready` })),
      notes: chains.items.map(
        chain => `${chain.id}: ${podsOf(chain, operatorPods.items).filter(isReady).length} ready`,
      ),
    }
  },
})

const podsOf = ({ workload }: Chain, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(pod => selectsPod(workload, pod) && !isFinished(pod))

const notRunning = (
  chain: Chain,
  pods: readonly Pod[],
  { now, releases }: { readonly now: string | undefined; readonly releases: readonly HelmRelease[] },
): Finding<Code> => {
  const [pull, ...pulls] = pods.flatMap(failedPulls)
  return pull
    ? imageUnavailable(chain, pods, [pull, ...pulls], imageFix(chain, pull, releases))
    : notReady(chain, pods, now)
}

interface FailedPull {
  readonly pod: Pod
  readonly status: ContainerStatus
  readonly image: string
}

/** The kubelet's words for an image that does not come (kubelet/images/types.go). */
const pullReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
])

const failedPulls = (pod: Pod): readonly FailedPull[] =>
  [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
    .filter(({ state }) => pullReasons.has(state?.waiting?.reason ?? ''))
    .map(status => ({ pod, status, image: imageOf(pod, status) }))

/** The image as the pod asks for it; the status may hold another spelling, or nothing yet. */
const imageOf = ({ spec }: Pod, status: ContainerStatus): string =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(({ name }) => name === status.name)?.image ??
  status.image ??
  ''

const imageUnavailable = (
  chain: Chain,
  pods: readonly Pod[],
  pulls: readonly [FailedPull, ...FailedPull[]],
  fix: Fix,
): Finding<'operator/image-unavailable'> => {
  const subject = refOf(chain.workload)
  const [first, ...rest] = pulls
  const isProxy = first.status.name === 'kube-rbac-proxy'
  const evidence = ({ pod, status, image }: FailedPull): Evidence => ({
    ref: refOf(pod),
    path: `status.containerStatuses[${status.name}].state.waiting`,
    expected: `${image} is pulled`,
    actual: oneLine(`${status.state?.waiting?.reason ?? ''}: ${status.state?.waiting?.message ?? 'no message'}`),
  })
  return {
    code: 'operator/image-unavailable',
    subject,
    about: [...aboutChain(chain), ...pods.map(refOf)],
    message: `${formatRef(subject)} does not run: the image ${first.image} of container ${first.status.name} cannot be pulled`,
    evidence: [evidence(first), ...rest.map(evidence)],
    because: isProxy
      ? 'Dynamo up to 0.9 takes kube-rbac-proxy from a repository that has been shut down; nodes that had pulled it before still run it'
      : 'the image does not exist under this name, the registry is out of reach, or the pull secret is missing',
    fixes: [fix],
  }
}

/** The same image under the name its project publishes it by. */
const proxyRepository = 'quay.io/brancz/kube-rbac-proxy'

const imageFix = (chain: Chain, { status, image, pod }: FailedPull, releases: readonly HelmRelease[]): Fix => {
  const { workload, era } = chain
  const path = helmValue(era, status.name === 'kube-rbac-proxy' ? 'proxyImage' : 'managerImage')
  const verify = ['operator-pods-running', 'service-endpoints', 'scrape-target-up']
  const lasts = 'Yes: it becomes a value of the release.'
  const upgrade =
    path !== undefined && status.name === 'kube-rbac-proxy'
      ? upgradeWith(chain, releases, { [path]: proxyRepository })
      : undefined
  if (upgrade)
    return {
      id: 'set-proxy-image',
      title: 'Take kube-rbac-proxy from a repository that has it',
      risk: 'disruptive',
      at: 'source',
      steps: [upgrade],
      lasts,
      verify,
    }
  return {
    id: 'correct-image',
    title: `Name an image for ${status.name} that can be pulled`,
    risk: 'manual',
    at: 'source',
    steps: [
      {
        do: 'tell',
        text: `${image} cannot be pulled. ${path === undefined ? '' : `The Helm value is ${path}. `}The pod’s events have the registry’s own words.`,
        commands: [
          `kubectl -n ${workload.metadata.namespace} describe pod ${pod.metadata.name}`,
          `kubectl -n ${workload.metadata.namespace} get deployment ${workload.metadata.name} -o jsonpath='{.spec.template.spec.containers[*].image}'`,
        ],
      },
    ],
    lasts: 'Yes, when it is changed in the values of the chart.',
    verify,
  }
}

const notReady = (chain: Chain, pods: readonly Pod[], now: string | undefined): Finding<'operator/not-ready'> => {
  const subject = refOf(chain.workload)
  const scaledDown = chain.workload.spec?.replicas === 0
  const refused = pods.every(isLeaving) && refusalOfPods(chain.workload) !== undefined
  const starting =
    !scaledDown && !refused && (pods.length > 0 ? isStarting(pods, now) : awaitsPods(chain.workload, now))
  const replicas: Evidence = {
    ref: subject,
    path: 'status.readyReplicas',
    expected: 'at least 1',
    actual: `${chain.workload.status?.readyReplicas ?? 0} of ${chain.workload.spec?.replicas ?? 1} wanted`,
  }
  const problems = pods.map((pod): Evidence => {
    const problem = podProblem(pod)
    return {
      ref: refOf(pod),
      path: 'status',
      expected: 'ready',
      actual: problem ? oneLine(`${problem.reason}: ${problem.message}`) : 'not ready',
    }
  })
  return {
    code: 'operator/not-ready',
    subject,
    about: [...aboutChain(chain), ...pods.map(refOf)],
    message: starting ? `${formatRef(subject)} is starting` : `${formatRef(subject)} has no ready pod`,
    evidence: [replicas, ...problems],
    because: becauseOf(chain, pods, scaledDown, starting),
    fixes: [scaledDown ? scaleUp(chain) : lookAt(chain)],
    ...(starting ? { severity: 'pending' as const } : {}),
  }
}

const becauseOf = ({ workload }: Chain, pods: readonly Pod[], scaledDown: boolean, starting: boolean): string => {
  if (scaledDown) return 'it is scaled to zero'
  if (starting && pods.length === 0) return 'it was made, or lost its pod, seconds ago'
  if (starting) return 'its pod is seconds old and has not crashed'
  if (pods.length > 0) return 'its pods do not become ready'
  const refusal = refusalOfPods(workload)?.message
  return refusal ? `no pod can be created: ${oneLine(refusal)}` : 'it has no pod'
}

const verify = ['operator-pods-running', 'service-endpoints', 'scrape-target-up']

const scaleUp = ({ workload }: Chain): Fix => ({
  id: 'scale-operator-up',
  title: 'Scale the operator up again',
  risk: 'disruptive',
  at: 'live',
  steps: [{ do: 'patch', target: refOf(workload), type: 'merge', patch: { spec: { replicas: 1 } } }],
  lasts: 'Until the next deployment that sets the replicas.',
  verify,
})

const lookAt = ({ workload: { metadata } }: Chain): Fix => ({
  id: 'see-why-not-ready',
  title: 'See why its pods do not run',
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: 'The pods, their events and the log of the run before say why.',
      commands: [
        `kubectl -n ${metadata.namespace} describe deployment ${metadata.name}`,
        `kubectl -n ${metadata.namespace} logs deployment/${metadata.name} --all-containers --previous --tail=50`,
      ],
    },
  ],
  lasts: 'Depends on the cause.',
  verify,
})

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

import type { ContainerStatus, Pod } from '../model/kubernetes.ts'

/** What keeps a pod from being ready. */
export interface PodProblem {
  /** The kubelet's or the scheduler's word: ImagePullBackOff, CrashLoopBackOff, Unschedulable, NotReady. */
  readonly reason: string
  /** One line. */
  readonly message: string
  readonly container?: string
}

export const isReady = (pod: Pod): boolean =>
  !isLeaving(pod) &&
  (pod.status?.conditions ?? []).some(condition => condition.type === 'Ready' && condition.status === 'True')

/** Pods of finished Jobs stay unready for ever: nobody waits for them. */
export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/**
 * Why a pod is not ready: first a container that cannot start or has crashed, then what the scheduler says, then
 * what its conditions say. Undefined where it is ready.
 */
export const podProblem = (pod: Pod): PodProblem | undefined => {
  if (isReady(pod)) return undefined
  const { status } = pod
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  return (
    firstOf(containers.map(waits)) ??
    firstOf(containers.map(ended)) ??
    refused(pod, 'PodScheduled') ??
    firstOf(containers.map(runsUnready)) ??
    refused(pod, 'Ready') ?? {
      reason: status?.reason ?? status?.phase ?? 'NotReady',
      message: status?.message ?? `the pod is ${pod.metadata.deletionTimestamp ? 'being deleted' : 'not ready'}`,
    }
  )
}

/** Pods in a line: `2 pods, 1 ready`. */
export const describePods = (pods: readonly Pod[]): string =>
  `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}, ${pods.filter(isReady).length} ready`

const firstOf = (problems: readonly (PodProblem | undefined)[]): PodProblem | undefined =>
  problems.find(problem => problem !== undefined)

/** What every container waits for when nothing is wrong. */
const ordinary: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

const waits = ({ name, state, lastState }: ContainerStatus): PodProblem | undefined => {
  const { reason, message } = state?.waiting ?? {}
  if (reason === undefined || ordinary.has(reason)) return undefined
  const before = lastState?.terminated
  const cause = before ? ` (it ended with exit code ${before.exitCode ?? '?'}${suffix(before.reason)})` : ''
  return { reason, message: `container ${name}: ${oneLine(message ?? reason)}${cause}`, container: name }
}

const ended = ({ name, state }: ContainerStatus): PodProblem | undefined => {
  const { exitCode, reason, message } = state?.terminated ?? {}
  return exitCode === undefined || exitCode === 0
    ? undefined
    : {
        reason: reason ?? 'Error',
        message: `container ${name} ended with exit code ${exitCode}${suffix(message)}`,
        container: name,
      }
}

const runsUnready = ({ name, state, ready }: ContainerStatus): PodProblem | undefined =>
  ready === false && state?.running
    ? { reason: 'NotReady', message: `container ${name} runs and is not ready`, container: name }
    : undefined

const refused = ({ status }: Pod, type: string): PodProblem | undefined => {
  const condition = (status?.conditions ?? []).find(candidate => candidate.type === type && candidate.status !== 'True')
  return condition && (condition.message ?? condition.reason)
    ? { reason: condition.reason ?? type, message: oneLine(condition.message ?? condition.reason ?? '') }
    : undefined
}

const suffix = (text: string | undefined): string => (text ? `, ${oneLine(text)}` : '')

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Milliseconds that a pod may take to become ready, or to go, before that is called a fault. */
export const startTime = 60_000
const startReasons: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

/**
 * Whether the pods that stay have all just started, have not restarted and wait for nothing worse than their start. Where
 * all leave in the time that they were given, others are about to come.
 */
export const isStarting = (pods: readonly Pod[], now: string | undefined): boolean => {
  if (now === undefined || pods.length === 0) return false
  const staying = pods.filter(pod => !isLeaving(pod))
  return staying.length > 0
    ? staying.every(pod => startedWithin(startTime, pod, now) && containersAreFine(pod))
    : pods.every(({ metadata }) => Date.parse(now) - Date.parse(metadata.deletionTimestamp ?? '') < startTime)
}

/** Whether a pod is being deleted. The timestamp is the end of the time that it was given. */
export const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined

/** Whether a pod was created, or its image had come and a container of it started for the first time, so short a time ago. */
export const startedWithin = (milliseconds: number, { metadata, status }: Pod, now: string): boolean => {
  const starts = (status?.containerStatuses ?? [])
    .filter(({ restartCount = 0 }) => restartCount === 0)
    .map(({ state }) => state?.running?.startedAt)
  return [metadata.creationTimestamp, ...starts].some(time => Date.parse(now) - Date.parse(time ?? '') < milliseconds)
}

const containersAreFine = ({ status }: Pod): boolean =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].every(
    ({ restartCount = 0, state }) =>
      restartCount === 0 &&
      (state?.waiting === undefined || startReasons.has(state.waiting.reason ?? '')) &&
      (state?.terminated?.exitCode ?? 0) === 0,
  )

/** All addresses of a pod; none before it has one. */
export const addressesOf = ({ status }: Pick<Pod, 'status'>): readonly string[] =>
  (status?.podIPs ?? [{ ip: status?.podIP }]).flatMap(({ ip }) => ip ?? [])

import { describe, expect, it } from 'vitest'
import { describePods, isFinished, isReady, podProblem } from '../../src/kubernetes/pods.ts'
import { availableReplicas, desiredReplicas, selectsPod } from '../../src/kubernetes/workloads.ts'
import type { Pod, Workload } from '../../src/model/kubernetes.ts'

const pod = (status: Pod['status'], metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'inference', name: 'dyn-7d', ...metadata },
  ...(status ? { status } : {}),
})
const ready = { type: 'Ready', status: 'True' }
const unready = {
  type: 'Ready',
  status: 'False',
  reason: 'ContainersNotReady',
  message: 'containers with unready status: [manager]',
}

describe('isReady', () => {
  it.each([
    ['a ready one', pod({ conditions: [ready] }), true],
    ['one that is not', pod({ conditions: [unready] }), false],
    ['one without a status', pod(undefined), false],
    ['one that is being deleted', pod({ conditions: [ready] }, { deletionTimestamp: '2026-11-22T10:00:00Z' }), false],
  ])('%s', (_, one, is) => {
    expect(isReady(one)).toBe(is)
    expect(podProblem(one) === undefined).toBe(is)
  })
})

describe('isFinished', () => {
  it.each([
    ['Succeeded', true],
    ['Failed', true],
    ['Running', false],
    ['Pending', false],
  ])('%s: %s', (phase, is) => expect(isFinished(pod({ phase }))).toBe(is))
})

describe('podProblem', () => {
  it.each<[what: string, status: Pod['status'], problem: object]>([
    [
      'an image that does not come, before the condition that only repeats it',
      {
        conditions: [unready],
        containerStatuses: [
          {
            name: 'manager',
            state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling\n image "x"' } },
          },
        ],
      },
      { reason: 'ImagePullBackOff', message: 'container manager: Back-off pulling image "x"', container: 'manager' },
    ],
    [
      'a crash loop, with what it ended with',
      {
        containerStatuses: [
          {
            name: 'manager',
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      },
      {
        reason: 'CrashLoopBackOff',
        message: 'container manager: back-off 5m0s (it ended with exit code 137, OOMKilled)',
      },
    ],
    [
      'an init container that failed, before the containers that wait for it',
      {
        initContainerStatuses: [{ name: 'crd-apply', state: { terminated: { exitCode: 1, reason: 'Error' } } }],
        containerStatuses: [{ name: 'manager', state: { waiting: { reason: 'PodInitializing' } } }],
      },
      { reason: 'Error', message: 'container crd-apply ended with exit code 1', container: 'crd-apply' },
    ],
    [
      'no node that takes it',
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
      },
      { reason: 'Unschedulable', message: '0/3 nodes' },
    ],
    [
      'a container that runs and is not ready',
      { conditions: [unready], containerStatuses: [{ name: 'manager', ready: false, state: { running: {} } }] },
      { reason: 'NotReady', container: 'manager' },
    ],
    [
      'an eviction',
      { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
      { reason: 'Evicted', message: 'low on memory' },
    ],
    [
      'a container that ended without a word, but with an exit code',
      { containerStatuses: [{ name: 'manager', state: { terminated: { exitCode: 2, message: 'no\n flag' } } }] },
      { reason: 'Error', message: 'container manager ended with exit code 2, no flag' },
    ],
    [
      'a container that ended well is not what it is',
      {
        conditions: [unready],
        containerStatuses: [{ name: 'manager', state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
      },
      { reason: 'ContainersNotReady', message: 'containers with unready status: [manager]' },
    ],
    [
      'a container that has yet to be made',
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'True', message: 'it found a node' }],
        containerStatuses: [{ name: 'manager', ready: false, state: { waiting: { reason: 'ContainerCreating' } } }],
      },
      { reason: 'Pending' },
    ],
    [
      'a crash of which only the exit is known',
      {
        containerStatuses: [
          { name: 'manager', state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: {} } },
        ],
      },
      { message: 'container manager: CrashLoopBackOff (it ended with exit code ?)' },
    ],
    [
      'a container that runs and is ready, beside a gate that is not',
      {
        conditions: [{ type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady' }],
        containerStatuses: [{ name: 'manager', ready: true, state: { running: {} } }],
      },
      { reason: 'ReadinessGatesNotReady', message: 'ReadinessGatesNotReady' },
    ],
    [
      'a condition that says nothing',
      { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
      { reason: 'Running', message: 'the pod is not ready' },
    ],
    ['nothing known', {}, { reason: 'NotReady', message: 'the pod is not ready' }],
  ])('%s', (_, status, problem) => {
    expect(podProblem(pod(status))).toMatchObject(problem)
  })
})

it('says of a pod that is being deleted that it is', () => {
  const leaving = pod({ conditions: [ready] }, { deletionTimestamp: '2026-11-22T10:00:00Z' })
  expect(podProblem(leaving)).toEqual({ reason: 'NotReady', message: 'the pod is being deleted' })
})

describe('describePods', () => {
  it('counts them', () => {
    expect(describePods([pod({ conditions: [ready] })])).toBe('1 pod, 1 ready')
    expect(describePods([pod({ conditions: [ready] }), pod({})])).toBe('2 pods, 1 ready')
  })
})

describe('workloads', () => {
  const workload: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'inference', name: 'dyn' },
    spec: { selector: { matchLabels: { app: 'dyn' } } },
  }

  it('want one replica unless they say otherwise', () => {
    expect(desiredReplicas(workload)).toBe(1)
    expect(desiredReplicas({ ...workload, spec: { replicas: 0 } })).toBe(0)
    expect(availableReplicas(workload)).toBe(0)
    expect(availableReplicas({ ...workload, status: { availableReplicas: 2 } })).toBe(2)
  })

  it.each([
    ['its labels', { labels: { app: 'dyn', x: 'y' } }, true],
    ['other labels', { labels: { app: 'kps' } }, false],
    ['its labels elsewhere', { namespace: 'observability', labels: { app: 'dyn' } }, false],
  ])('select pods with %s', (_, metadata, selects) => {
    expect(selectsPod(workload, pod({}, metadata))).toBe(selects)
  })

  it('select none without a selector', () => {
    expect(selectsPod({ ...workload, spec: {} }, pod({}))).toBe(false)
  })
})

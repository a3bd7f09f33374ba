import { type ChildProcess, spawn } from 'node:child_process'
import type { Workload } from '../../src/model/kubernetes.ts'
import type { PrometheusOperator } from '../../src/model/prometheus.ts'
import { parseOperatorFlags } from '../../src/prometheus/operator-flags.ts'
import { kubeconfigs, waitFor } from '../lab/api.ts'
import { end, freePort, program } from './prometheus-process.ts'

export interface RunningOperator {
  /** As the doctor would find it in the cluster. */
  readonly found: PrometheusOperator
  /** Waits until it has nothing left to do. */
  readonly idle: () => Promise<void>
  /** Waits until it has ended by itself. */
  readonly ended: () => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * A prometheus-operator of our own beside the lab's: each looks after the objects that carry its own controller id.
 * It writes down in the ServiceMonitors' status which it selects, and which it rejects and why.
 */
export const startOperator = async (name: string, flags: readonly string[]): Promise<RunningOperator> => {
  const args = [`--controller-id=${name}`, ...flags]
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(
    program('prometheus-operator'),
    [`--web.listen-address=${address}`, '--feature-gates=StatusForConfigurationResources=true', ...args],
    { stdio: 'ignore', env: { KUBECONFIG: kubeconfigs.admin } },
  )
  const workload: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'differential-a', name },
    spec: { template: { spec: { containers: [{ name: 'prometheus-operator', args }] } } },
  }
  return {
    found: { workload, flags: parseOperatorFlags(workload) },
    idle: () => untilIdle(name, address, child),
    ended: async () => void (await waitFor(() => child.exitCode !== null, { what: `${name} to end`, seconds: 60 })),
    stop: () => end(child),
  }
}

/** Idle is: ready, its queues empty, and nothing done between two looks. What fails is tried again for ever, which is nothing done. */
const untilIdle = async (name: string, address: string, child: ChildProcess): Promise<void> => {
  let before = -1
  await waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`)
      const text = await (await fetch(`http://${address}/metrics`)).text()
      const now = work(text)
      const done = isReady(text) && isQuiet(text) && now === before
      before = now
      return done
    },
    { what: `${name} to have nothing left to do`, seconds: 300, everyMilliseconds: 1500 },
  )
}

const valuesOf = (text: string, pattern: RegExp): readonly number[] =>
  text
    .split('\n')
    .filter(line => pattern.test(line))
    .map(line => Number(line.slice(line.lastIndexOf(' '))))

const isReady = (text: string): boolean => {
  const ready = valuesOf(text, /^prometheus_operator_ready\{controller="prometheus/)
  return ready.length === 2 && ready.every(value => value === 1)
}

const isQuiet = (text: string): boolean =>
  valuesOf(text, /^prometheus_operator_workqueue_(depth|unfinished_work_seconds)/).every(value => value === 0)

const work = (text: string): number =>
  sumOf(text, /^prometheus_operator_reconcile_operations_total/) -
  sumOf(text, /^prometheus_operator_reconcile_errors_total/)

const sumOf = (text: string, pattern: RegExp): number => valuesOf(text, pattern).reduce((sum, value) => sum + value, 0)

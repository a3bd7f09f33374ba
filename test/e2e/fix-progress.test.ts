import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { breakLab, heal, kubeconfigs, waitFor } from '../lab/api.ts'
import { prometheus, prometheusOperatorPods } from '../lab/ask.ts'
import { signalKubelet, signalPods } from '../lab/signals.ts'
import { doctorProgram } from './doctor.ts'

/** Each link of the chain is held in turn: what is waited for is said, and it is the link that is held. */
describe('a fix says where its change is', () => {
  let folder = ''
  const goOn = async (): Promise<void> => {
    signalKubelet('SIGCONT')
    await signalPods('SIGCONT', prometheusOperatorPods)
    await signalPods('SIGCONT', 'app.kubernetes.io/name=grafana')
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-progress-'))
    await heal()
  })
  afterEach(async () => {
    await goOn()
    await heal()
    await rm(folder, { recursive: true })
  })

  const begin = () => {
    const args = ['doctor', '--kubeconfig', kubeconfigs.admin, '--fix', '--yes']
    const child = execFile(process.execPath, [doctorProgram, ...args, '--undo-file', join(folder, 'undo.json')])
    let said = ''
    child.stderr?.on('data', (text: string) => {
      said += text
    })
    return {
      says: (words: string) =>
        waitFor(() => said.includes(words), { what: `“${words}”`, seconds: 60 }).catch(cause => {
          throw new Error(`it said: ${said}`, { cause })
        }),
      said: () => said,
      exit: new Promise(resolve => child.on('close', resolve)),
    }
  }

  /** What is reloaded after the fix, for a change before it, would be taken for a step that the fix has behind it. */
  const hasLoadedAll = async (): Promise<boolean> => {
    const { lastConfigTime } = await prometheus<{ lastConfigTime: string }>('/api/v1/status/runtimeinfo')
    return Date.now() - Date.parse(lastConfigTime) > 5000
  }

  it('of a ServiceMonitor: written into the Secret, projected, loaded, scraped', async () => {
    await breakLab('monitor/label-mismatch')
    await waitFor(hasLoadedAll, { what: 'Prometheus to have nothing to load any more', seconds: 60 })
    signalKubelet('SIGSTOP')
    await signalPods('SIGSTOP', prometheusOperatorPods)
    const fix = begin()
    await fix.says('step 1 of 6, for prometheus-operator to write the change into the Secret')
    expect(fix.said()).not.toContain('step 2 of 6')
    await signalPods('SIGCONT', prometheusOperatorPods)
    await fix.says('step 2 of 6, for the kubelet to project the Secret into the pod of Prometheus')
    expect(fix.said()).not.toMatch(/step [3-6] of 6/)
    signalKubelet('SIGCONT')
    expect(await fix.exit).toBe(0)
    expect(fix.said()).toContain('fixed after')
  })

  it('of a dashboard: seen and written by the sidecar, read by Grafana', async () => {
    await breakLab('dashboard/label-missing')
    await signalPods('SIGSTOP', 'app.kubernetes.io/name=grafana', 'stand-ins/sidecar')
    const fix = begin()
    await fix.says('step 1 of 3, for Grafana to load the dashboard: its sidecar sees the ConfigMap')
    await goOn()
    expect(await fix.exit).toBe(0)
    expect(fix.said()).toContain('fixed after')
  })
})

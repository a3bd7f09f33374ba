import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { breakLab, dynamo, heal, helm, kubeconfigs, kubectl } from '../lab/api.ts'
import { program } from '../lab/programs.ts'
import { type AdmissionRequest, type AdmissionWebhook, startWebhook, webhookName } from '../lab/webhook.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const freeze = { no: 'no changes before the release' } as const
const denied = `admission webhook "${webhookName}" denied the request: ${freeze.no}`
const notCalled = `failed calling webhook "${webhookName}"`
const isMeant = ({ dryRun }: AdmissionRequest): boolean => dryRun !== true
/** The lab's own helm is the one that is found. */
const env = { PATH: `${dirname(program('helm'))}:${process.env.PATH}` }

let folder = ''
let webhook: AdmissionWebhook | undefined
const undoFile = () => join(folder, 'undo.json')
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-webhook-'))
})
const lift = async () => {
  await webhook?.end()
  webhook = undefined
}
afterEach(async () => {
  await lift()
  await rm(folder, { recursive: true })
})

const fix = async (code: string, ...args: readonly string[]) => {
  const flags = ['--kubeconfig', kubeconfigs.admin, '--output', 'json', '--fix', '--undo-file', undoFile(), ...args]
  const { exitCode, stdout } = await dynamoMetrics(['doctor', ...flags], env)
  const { remedies = [] } = JSON.parse(stdout) as Report
  const { state, reason } = remedies.find(one => one.code === code) ?? {}
  return [exitCode, state, reason] as const
}
const undo = () => dynamoMetrics(['undo', undoFile(), '--kubeconfig', kubeconfigs.admin, '--yes'], env)

describe('an admission webhook in the way of a new object', () => {
  /** Its fix makes one object: a ServiceMonitor of our own. */
  const code = 'monitor/label-mismatch'
  const kind = ['servicemonitors']
  const made = () =>
    kubectl('get', 'servicemonitors', '-A', '-l', 'app.kubernetes.io/managed-by=dynamo-metrics', '-o', 'name')

  beforeAll(async () => {
    await heal()
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
  })
  afterAll(heal)

  const nothingWasWritten = async () => {
    expect(await made()).toBe('')
    expect(existsSync(undoFile())).toBe(false)
  }

  it('that says no at the dry run already: it is named with its words', async () => {
    webhook = await startWebhook(kind, () => freeze)
    expect(await fix(code, '--yes')).toEqual([1, 'refused', expect.stringContaining(`${denied}.`)])
    await nothingWasWritten()
  })

  it('that says no only when it is meant: it is named with its words', async () => {
    webhook = await startWebhook(kind, request => (isMeant(request) ? freeze : 'allowed'))
    expect(await fix(code, '--yes')).toEqual([1, 'failed', `Nothing was changed: ${denied}.`])
    await nothingWasWritten()
  })

  it('that is gone, with a policy to fail: it is named', async () => {
    webhook = await startWebhook(kind, () => 'allowed')
    webhook.stop()
    const words = new RegExp(`${notCalled}.*connection refused`)
    expect(await fix(code, '--yes')).toEqual([1, 'refused', expect.stringMatching(words)])
    await nothingWasWritten()
  })

  it('that does not answer when it is meant: it is named, and the object is looked for', async () => {
    webhook = await startWebhook(kind, request => (isMeant(request) ? 'silence' : 'allowed'))
    const words = new RegExp(`^Nothing was changed: .*${notCalled}.*deadline exceeded`)
    expect(await fix(code, '--yes')).toEqual([1, 'failed', expect.stringMatching(words)])
    await nothingWasWritten()
  })

  it('that keeps the fix from being taken back, until it is lifted', async () => {
    expect((await fix(code, '--yes')).slice(0, 2)).toEqual([0, 'fixed'])
    webhook = await startWebhook(kind, () => freeze)
    expect(await undo()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(new RegExp(`^refused: ServiceMonitor .* cannot be deleted: ${denied}`)),
    })
    expect(await made()).not.toBe('')
    await lift()
    expect((await undo()).exitCode).toBe(0)
    expect(await made()).toBe('')
  })
})

describe('an admission webhook in the way of an upgrade', () => {
  const code = 'operator/collection-disabled'
  const chart = fileURLToPath(new URL('../lab/charts/dynamo-platform-1.4', import.meta.url))
  beforeAll(async () => {
    await heal()
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
  })
  afterAll(heal)

  it('is named with its words, and the release stands as before', async () => {
    webhook = await startWebhook(['servicemonitors'], () => freeze)
    const standing = () => helm('get', 'manifest', dynamo.release, '-n', dynamo.namespace)
    const before = await standing()
    const [exitCode, state, reason] = await fix(code, '--fix-id', code, '--chart', chart)
    expect([exitCode, state]).toEqual([1, 'failed'])
    expect(reason).toMatch(new RegExp(`^Helm began it, and took it back: .*${denied}\\.$`))
    expect(await standing()).toBe(before)
    expect(existsSync(undoFile())).toBe(false)
  })
})

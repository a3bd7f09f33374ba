import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { breakLab, heal, kubeconfigs, kubectl, waitFor } from '../lab/api.ts'
import { list } from '../lab/cluster.ts'
import { doctorProgram, dynamoMetrics, examineSettled } from './doctor.ts'

/** Its fix makes two objects: a ClusterRole, then its binding. */
const code = 'scrape/forbidden'
const own = ['clusterroles,clusterrolebindings', '-l', 'app.kubernetes.io/managed-by=dynamo-metrics', '-o', 'name']

/** What of the fix is there. */
const made = async (): Promise<readonly string[]> =>
  (await kubectl('get', ...own)).split('\n').filter(name => name !== '')

/** How many of them, without a program that has to start first: the moment is short. */
const countMade = async (): Promise<number> => {
  const search = new URLSearchParams({ labelSelector: 'app.kubernetes.io/managed-by=dynamo-metrics' })
  const kinds = ['clusterroles', 'clusterrolebindings']
  const found = await Promise.all(kinds.map(kind => list(`/apis/rbac.authorization.k8s.io/v1/${kind}?${search}`)))
  return found.flat().length
}

/** The target says no until it is scraped once more. */
const untilHealthy = () =>
  waitFor(async () => (await examineSettled(kubeconfigs.admin)).verdict === 'healthy', {
    what: 'the doctor to find nothing',
    seconds: 30,
  })

describe('what must not lose anything', () => {
  let folder = ''
  const file = (name: string) => join(folder, name)
  const fix = (undoFile: string) =>
    ['doctor', '--kubeconfig', kubeconfigs.admin, '--fix', '--fix-id', code, '--undo-file', undoFile] as const
  const undo = (undoFile: string) => dynamoMetrics(['undo', undoFile, '--kubeconfig', kubeconfigs.admin, '--yes'])
  beforeAll(heal)
  afterAll(heal)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-faults-'))
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
  })
  afterEach(async () => {
    await heal()
    await rm(folder, { recursive: true })
  })

  type Moment = (stderr: string) => Promise<boolean>
  type Row = readonly [when: string, moment: Moment]
  const chosen: readonly Row[] = [
    ['the way back is on disk', async () => existsSync(file('undo.json'))],
    ['the first object is made', async () => (await countMade()) > 0],
    ['both are made', async () => (await countMade()) > 1],
  ]
  const others: readonly Row[] = [
    ['it begins', async () => true],
    ['the change is shown', async stderr => stderr.includes('create ClusterRole')],
    ['all is written', async stderr => stderr.includes('applied:')],
    ['it waits for the proof', async stderr => stderr.includes('waiting')],
  ]
  const moments = process.env.E2E_ALL === '1' ? [...chosen, ...others] : chosen

  /** Ends a fix at a moment, by a signal. */
  const endedAt = async (moment: Moment, signal: NodeJS.Signals) => {
    const child = execFile(process.execPath, [doctorProgram, ...fix(file('undo.json')), '--output', 'json'])
    const said = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.on('data', (text: string) => {
        said[stream] += text
      })
    const exit = new Promise(resolve => child.on('close', (code, killedBy) => resolve(killedBy ?? code)))
    await waitFor(() => moment(said.stderr), { what: 'the moment', seconds: 30, everyMilliseconds: 5 })
    child.kill(signal)
    const ended = await exit
    return { ...said, exit: ended }
  }

  it.each(chosen)(
    'interrupted as soon as %s: the report says what was done, and undo takes it back',
    async (_, moment) => {
      const { stdout, stderr, exit } = await endedAt(moment, 'SIGINT')
      expect(exit).toBe(130)
      const { exitCode, remedies = [] } = JSON.parse(stdout) as Report
      expect([exitCode, remedies.map(one => one.code)]).toEqual([130, [code]])
      const [{ state, reason } = { state: '', reason: '' }] = remedies
      const objects = (await made()).length
      expect(state).toBe('interrupted')
      if (reason.includes('was applied')) expect(objects).toBe(2)
      expect(stderr).toContain(`dynamo-metrics undo ${file('undo.json')}`)
      expect((await undo(file('undo.json'))).exitCode).toBe(0)
      expect(await made()).toEqual([])
    },
  )

  it.each(moments)(
    'killed as soon as %s: undo takes back what there is, and a second --fix finishes the work',
    async (_, moment) => {
      expect((await endedAt(moment, 'SIGKILL')).exit).toBe('SIGKILL')

      await dynamoMetrics(fix(file('again.json')))
      expect(await made()).toHaveLength(2)
      await untilHealthy()
      for (const name of ['again.json', 'undo.json'])
        if (existsSync(file(name))) expect((await undo(file(name))).exitCode).toBe(0)
      expect(await made()).toEqual([])
    },
  )

  it('two doctors at once: each object is made once, and both ways back lead back', async () => {
    const runs = await Promise.all(['one.json', 'two.json'].map(name => dynamoMetrics(fix(file(name)))))
    expect(runs.map(({ exitCode }) => exitCode)).toContain(0)
    expect(await made()).toHaveLength(2)
    await untilHealthy()
    for (const name of ['two.json', 'one.json'])
      if (existsSync(file(name))) expect((await undo(file(name))).exitCode).toBe(0)
    expect(await made()).toEqual([])
  })
})

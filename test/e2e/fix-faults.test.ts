import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { breakLab, heal, kubeconfigs, kubectl, waitFor } from '../lab/api.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const doctorProgram = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
/** Its fix makes two objects: a ClusterRole, then its binding. */
const code = 'scrape/forbidden'
const own = ['clusterroles,clusterrolebindings', '-l', 'app.kubernetes.io/managed-by=dynamo-metrics', '-o', 'name']

/** What of the fix is there. */
const made = async (): Promise<readonly string[]> =>
  (await kubectl('get', ...own)).split('\n').filter(name => name !== '')

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

  it.each<[when: string, moment: () => Promise<boolean>]>([
    ['the way back is on disk', async () => existsSync(file('undo.json'))],
    ['the first object is made', async () => (await made()).length > 0],
    ['both are made', async () => (await made()).length > 1],
  ])('killed as soon as %s: undo takes back what there is, and a second --fix finishes the work', async (_, moment) => {
    const child = execFile(process.execPath, [doctorProgram, ...fix(file('undo.json'))])
    const exit = new Promise(resolve => child.on('exit', (_status, signal) => resolve(signal)))
    await waitFor(moment, { what: 'the moment', seconds: 30, everyMilliseconds: 5 })
    child.kill('SIGKILL')
    expect(await exit).toBe('SIGKILL')

    await dynamoMetrics(fix(file('again.json')))
    expect(await made()).toHaveLength(2)
    await untilHealthy()
    for (const name of ['again.json', 'undo.json'])
      if (existsSync(file(name))) expect((await undo(file(name))).exitCode).toBe(0)
    expect(await made()).toEqual([])
  })

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

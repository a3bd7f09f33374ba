import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { UndoFile } from '../../src/fix/undo-entry.ts'
import type { Report } from '../../src/model/report.ts'
import { breakLab, heal, kubeconfigs, kubectl } from '../lab/api.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const run = promisify(execFile)

/** Its fix makes two objects: a ClusterRole, then its binding. */
const code = 'scrape/forbidden'
const own = ['clusterroles,clusterrolebindings', '-l', 'app.kubernetes.io/managed-by=dynamo-metrics', '-o', 'name']
const made = async (): Promise<readonly string[]> =>
  (await kubectl('get', ...own)).split('\n').filter(name => name !== '')

/** One page: room for the way back of one object, not for a second file beside it. */
const onePage = '4k'

describe('a disk that takes no file', () => {
  let disk = ''
  const file = (name: string) => join(disk, name)
  const fix = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await dynamoMetrics([
      ...['doctor', '--kubeconfig', kubeconfigs.admin, '--output', 'json', '--fix'],
      ...args,
    ])
    const { remedies = [] } = (stdout === '' ? {} : JSON.parse(stdout)) as Partial<Report>
    const { state, reason } = remedies.find(one => one.code === code) ?? {}
    return { exitCode, state, reason, stderr }
  }

  beforeAll(async () => {
    await heal()
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
  })
  afterAll(heal)
  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'dynamo-metrics-disk-'))
    await run('mount', ['-t', 'tmpfs', '-o', `size=${onePage}`, 'tmpfs', disk])
  })
  afterEach(async () => {
    await run('umount', [disk])
    await rm(disk, { recursive: true })
  })

  const filled = () => writeFile(file('full'), 'x'.repeat(4096))
  const readOnly = () => run('mount', ['-o', 'remount,ro', disk])

  it.each([
    ['is full', filled, 'ENOSPC', ['full']],
    ['is read-only', readOnly, 'EROFS', []],
  ] as const)('because it %s: nothing is written where the way back would go there', async (_, make, why, left) => {
    await make()
    const { exitCode, state, reason } = await fix('--fix-id', code, '--undo-file', file('undo.json'))
    const words = new RegExp(`^Nothing was changed: the way back cannot be written down: ${why}`)
    expect([exitCode, state, reason]).toEqual([1, 'failed', expect.stringMatching(words)])
    expect(await made()).toEqual([])
    expect(await readdir(disk)).toEqual(left)
  })

  it.each([
    ['is full', filled, 'ENOSPC', ['full']],
    ['is read-only', readOnly, 'EROFS', []],
  ] as const)('because it %s: no plan is promised that is not there', async (_, make, why, left) => {
    await make()
    const { exitCode, stderr } = await fix('--plan-out', file('plan.json'))
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining(`The plan cannot be written to ${file('plan.json')}: ${why}`),
    ])
    expect(stderr).not.toContain('The plan is in')
    expect(await readdir(disk)).toEqual(left)
  })

  it('because it becomes full on the way: what was made until then is known and taken back', async () => {
    const undoFile = file('undo.json')
    const { exitCode, state, reason } = await fix('--fix-id', code, '--undo-file', undoFile)
    const words = /^Only the first 1 of its steps were made: the way back cannot be written down: ENOSPC/
    expect([exitCode, state, reason]).toEqual([4, 'half done', expect.stringMatching(words)])
    expect(await readdir(disk)).toEqual(['undo.json'])
    const { entries } = JSON.parse(await readFile(undoFile, 'utf8')) as UndoFile
    expect(entries.map(({ undo }) => undo)).toEqual(['delete'])
    expect(await made()).toHaveLength(1)
    const back = await dynamoMetrics(['undo', undoFile, '--kubeconfig', kubeconfigs.admin, '--yes'])
    expect(back.exitCode).toBe(0)
    expect(await made()).toEqual([])
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { breakLab, heal, kubeconfigs, kubectl } from '../lab/api.ts'
import { writeKubeconfig } from '../lab/pki.ts'
import { program } from '../lab/programs.ts'
import { kubectlWith } from '../lab/tools.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const namespace = 'least'
const chart = fileURLToPath(new URL('../lab/charts/dynamo-platform-1.4', import.meta.url))
/** The lab's own helm is the one that is found. */
const env = { PATH: `${dirname(program('helm'))}:${process.env.PATH}` }

interface Repair {
  readonly code: string
  readonly said: readonly string[]
  /** What the fix grants: its maker has to have it. */
  readonly handsOn?: string
}

/** An account with the rights that the command prints, and no others. Healing takes them away again. */
const accountWith = async (folder: string, name: string, ...flags: readonly string[]): Promise<string> => {
  await kubectlWith(
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
    'apply',
    '-f',
    '-',
  )
  const { stdout } = await dynamoMetrics(['generate', 'rbac', '--service-account', `${namespace}/${name}`, ...flags])
  await kubectlWith(stdout, 'apply', '-f', '-')
  const token = await kubectl('create', 'token', name, '-n', namespace)
  const kubeconfig = join(folder, name)
  writeKubeconfig(kubeconfig, name, token.trim(), 'default')
  return kubeconfig
}

describe('generate rbac --fix', () => {
  let folder = ''
  beforeAll(heal)
  afterAll(() => kubectl('delete', 'namespace', namespace, '--ignore-not-found'))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fix-rights-'))
  })
  afterEach(async () => {
    await kubectl('delete', 'clusterrole,clusterrolebinding', 'hands-on', '--ignore-not-found')
    await heal()
    await rm(folder, { recursive: true })
  })

  it.each<Repair>([
    { code: 'monitor/label-mismatch', said: ['--yes'] },
    { code: 'service/selects-nothing', said: ['--yes'] },
    { code: 'dashboard/label-missing', said: ['--yes'] },
    { code: 'dashboard/missing', said: ['--yes'] },
    { code: 'operator/collection-disabled', said: ['--fix-id', 'operator/collection-disabled', '--chart', chart] },
    { code: 'scrape/forbidden', said: ['--fix-id', 'scrape/forbidden'], handsOn: '/metrics' },
    { code: 'monitor/rejected-file-access', said: ['--fix-id', 'monitor/rejected-file-access'], handsOn: '/metrics' },
  ])('is enough to repair $code and to take it back, and reading alone is not', async ({ code, said, handsOn }) => {
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
    const undoFile = join(folder, 'undo.json')
    const fix = async (kubeconfig: string) => {
      const args = ['--kubeconfig', kubeconfig, '--output', 'json', '--fix', ...said, '--undo-file', undoFile]
      const { exitCode, stdout } = await dynamoMetrics(['doctor', ...args], env)
      return { exitCode, notes: (JSON.parse(stdout) as Report).notes?.join('\n') ?? '' }
    }
    const reader = await fix(await accountWith(folder, 'reader'))
    expect(reader.exitCode).toBe(1)
    // Helm asks nobody beforehand whether it may write.
    expect(reader.notes).toMatch(new RegExp(`fix ${code}, [\\w-]+: (?:refused|failed. Nothing was changed).*cannot`))
    const fixer = await accountWith(folder, 'fixer', '--fix')
    if (handsOn) {
      expect((await fix(fixer)).notes).toMatch(/refused.*attempting to grant/)
      await kubectl('create', 'clusterrole', 'hands-on', '--verb=get', `--non-resource-url=${handsOn}`)
      await kubectl(
        'create',
        'clusterrolebinding',
        'hands-on',
        '--clusterrole=hands-on',
        `--serviceaccount=${namespace}:fixer`,
      )
    }
    const { exitCode, notes } = await fix(fixer)
    expect(notes).toMatch(new RegExp(`fix ${code}, [\\w-]+: fixed`))
    expect(exitCode).toBe(0)
    expect((await dynamoMetrics(['undo', undoFile, '--kubeconfig', fixer, '--yes'], env)).exitCode).toBe(0)
  })
})

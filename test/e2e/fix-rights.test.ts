import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { breakLab, heal, kubeconfigs, kubectl } from '../lab/api.ts'
import { writeKubeconfig } from '../lab/pki.ts'
import { kubectlWith } from '../lab/tools.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const namespace = 'least'

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
    await heal()
    await rm(folder, { recursive: true })
  })

  it.each(['monitor/label-mismatch', 'service/selects-nothing', 'dashboard/label-missing', 'dashboard/missing'])(
    'is enough to repair %s and to take it back, and reading alone is not',
    async code => {
      await breakLab(code)
      await examineSettled(kubeconfigs.admin)
      const undoFile = join(folder, 'undo.json')
      const fix = async (kubeconfig: string) => {
        const args = ['--kubeconfig', kubeconfig, '--output', 'json', '--fix', '--yes', '--undo-file', undoFile]
        const { exitCode, stdout } = await dynamoMetrics(['doctor', ...args])
        return { exitCode, notes: (JSON.parse(stdout) as Report).notes?.join('\n') ?? '' }
      }
      const reader = await fix(await accountWith(folder, 'reader'))
      expect(reader.exitCode).toBe(1)
      expect(reader.notes).toMatch(new RegExp(`fix ${code}, [\\w-]+: refused`))
      const fixer = await accountWith(folder, 'fixer', '--fix')
      const { exitCode, notes } = await fix(fixer)
      expect(notes).toMatch(new RegExp(`fix ${code}, [\\w-]+: fixed`))
      expect(exitCode).toBe(0)
      expect((await dynamoMetrics(['undo', undoFile, '--kubeconfig', fixer, '--yes'])).exitCode).toBe(0)
    },
  )
})

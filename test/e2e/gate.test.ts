import { exec } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { breakLab, dynamo, heal, kubeconfigs, kubectl, names } from '../lab/api.ts'
import { installDynamo } from '../lab/installs.ts'
import type { Run } from './doctor.ts'
import { doctorProgram } from './doctor.ts'

/** The pipelines of the README, run as they stand there. */
describe('the gate of a pipeline', () => {
  let folder = ''
  let gates: readonly (readonly [string, string])[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gate-'))
    gates = gatesOf(await readFile(new URL('../../README.md', import.meta.url), 'utf8'))
    await heal()
  })
  afterEach(heal)
  afterAll(() => rm(folder, { recursive: true }))

  const gate = (command: string, wait: string) => shell(command.replace('--wait 5m', `--wait ${wait}`), folder)
  const written = (name: string) => readFile(join(folder, name), 'utf8')

  it('stands in the README for GitHub and for GitLab', () => {
    expect(gates.map(([where]) => where)).toEqual(['GitHub', 'GitLab'])
  })

  it('fails after a broken deployment and names the cause, then waits for the repaired one and passes', async () => {
    await breakLab('operator/collection-disabled')
    for (const [where, command] of gates) {
      const { exitCode, stdout } = await gate(command, '4s')
      expect([where, exitCode]).toEqual([where, 1])
      expect(stdout).toContain('operator/collection-disabled')
      expect(await written('dynamo-metrics.xml')).toMatch(
        /<failure message="[^"]+" type="operator\/collection-disabled">/,
      )
    }
    expect(await written('summary.md')).toContain('`operator/collection-disabled`')

    await installDynamo()
    for (const [where, command] of gates) {
      const { exitCode, stdout } = await gate(command, '90s')
      expect([where, exitCode, stdout]).toEqual([where, 0, expect.not.stringContaining('::error')])
      expect(await written('dynamo-metrics.xml')).toMatch(/<testsuites [^>]*failures="0" errors="0"/)
    }
  })

  it('passes where collection was switched off on purpose, and the operator’s Deployment says why', async () => {
    const deployment = ['deployment', names.controller, '-n', dynamo.namespace]
    await breakLab('operator/collection-disabled')
    try {
      const rule = 'operator/collection-disabled: the node agent scrapes it until 2999-12-31'
      await kubectl('annotate', ...deployment, `dynamo-metrics/suppress=${rule}`)
      for (const [where, command] of gates) {
        const { exitCode, stdout } = await gate(command, '30s')
        expect([where, exitCode]).toEqual([where, 0])
        expect(stdout).toContain('the node agent scrapes it')
      }
    } finally {
      await kubectl('annotate', ...deployment, 'dynamo-metrics/suppress-')
    }
  })
})

/** The lines of the README's pipelines that run the doctor, with the fence's own words for where. */
const gatesOf = (readme: string): readonly (readonly [string, string])[] =>
  [...readme.matchAll(/```yaml\n# (\w+)[\s\S]*?```/g)].flatMap(([block, where = '']) => {
    const [, command] = /^\s*- (?:run: )?(npx --yes dynamo-metrics doctor .*)$/m.exec(block) ?? []
    return command === undefined ? [] : [[where, command] as const]
  })

/** Runs a line as a pipeline's shell does; npx would fetch what stands here already. */
const shell = (command: string, cwd: string): Promise<Run> =>
  new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      KUBECONFIG: kubeconfigs.admin,
      CI: 'true',
      GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'),
    }
    exec(
      command.replace(/^npx --yes dynamo-metrics/, `'${process.execPath}' '${doctorProgram}'`),
      { cwd, env, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code
        if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr })
        else reject(error)
      },
    )
  })

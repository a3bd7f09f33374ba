import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  dynamo,
  dynamoTarget,
  heal,
  helm,
  kubeconfigs,
  kubectl,
  names,
  prometheus,
  stack,
  waitFor,
} from '../lab/api.ts'
import { programOnDemand } from '../lab/programs.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const lab = (path: string) => fileURLToPath(new URL(`../lab/${path}`, import.meta.url))
const chart = lab('charts/dynamo-platform-1.4')
const values = lab('values/dyn.yaml')
const metricsService = 'dynamo-operator.metricsService'

/** A folder with Helm 3 and nothing else, for the PATH. */
let programs = ''
let folder = ''
const file = (name: string) => join(folder, name)
const env = () => ({ PATH: `${programs}:${process.env.PATH}` })

const helm3 = async (...args: readonly string[]): Promise<string> =>
  (await execa(join(programs, 'helm'), args, { env: { KUBECONFIG: kubeconfigs.admin } })).stdout
/** As anybody does it next week. */
const upgrade = (...args: readonly string[]) =>
  helm3('upgrade', dynamo.release, chart, '-n', dynamo.namespace, '--reuse-values', ...args)
/** The values of its first revision, also where others were set since. */
const asInstalled = async () => {
  await helm3('upgrade', dynamo.release, chart, '-n', dynamo.namespace, '--reset-values', '-f', values)
  await untilUp()
}
const revision = async (): Promise<{ readonly version: number; readonly info: { readonly description: string } }> =>
  JSON.parse(await helm3('status', dynamo.release, '-n', dynamo.namespace, '-o', 'json'))

const say = (line: string, ...args: readonly string[]) =>
  dynamoMetrics([...line.split(' '), ...args, '--kubeconfig', kubeconfigs.admin], env())
const undo = (name: string) => say('undo --yes', file(name))
const codesNow = async () => (await examineSettled(kubeconfigs.admin)).causes.map(({ code }) => code)
const until = (code: string) =>
  waitFor(async () => (await codesNow()).includes(code), { what: `${code} to show`, seconds: 60 })
/** Whichever ServiceMonitor found it. */
const isUp = async (): Promise<boolean> => {
  const { activeTargets } = await prometheus<{
    readonly activeTargets: readonly { readonly health: string; readonly labels: Readonly<Record<string, string>> }[]
  }>('/api/v1/targets?state=active')
  return activeTargets.some(({ labels, health }) => labels.service === names.metricsService && health === 'up')
}
const untilUp = () => waitFor(isUp, { what: 'the target to be up', seconds: 60 })
const uninstall = () => helm('uninstall', dynamo.release, '-n', dynamo.namespace, '--wait', '--ignore-not-found')

// Building it takes many minutes: only with --all.
describe.runIf(process.env.E2E_ALL === '1')(
  'with Helm 3, by which the release was installed (with --all)',
  { timeout: 600_000 },
  () => {
    beforeAll(async () => {
      programs = await mkdtemp(join(tmpdir(), 'helm3-'))
      await symlink(await programOnDemand('helm3', line => process.stderr.write(`${line}\n`)), join(programs, 'helm'))
      await heal()
      await uninstall()
      await helm3('install', dynamo.release, chart, '-n', dynamo.namespace, '-f', values, '--wait')
      await untilUp()
    }, 3_600_000)
    afterAll(async () => {
      await uninstall()
      await heal()
      await rm(programs, { recursive: true })
    })
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-helm3-'))
    })
    afterEach(() => rm(folder, { recursive: true }))

    it('collection goes off, comes back, and undo takes that back', async () => {
      const off = await say('collection disable --yes --chart', chart, '--undo-file', file('off.json'))
      expect([off.exitCode, off.stderr]).toEqual([0, expect.stringContaining('--atomic')])
      expect(await dynamoTarget()).toBeUndefined()
      const on = await say('collection enable --yes --chart', chart, '--undo-file', file('on.json'))
      expect(on.exitCode).toBe(0)
      expect(await isUp()).toBe(true)
      expect((await undo('on.json')).exitCode).toBe(0)
      expect((await say('collection status')).stdout).toContain('enabled false')
      expect((await undo('off.json')).exitCode).toBe(0)
      expect((await say('collection status')).stdout).toMatch(/enabled not set: automatic/)
      await untilUp()
    })

    it('an upgrade repairs what an upgrade has broken, under the mark of the run, and undo rolls it back', async () => {
      const code = 'operator/collection-disabled'
      await upgrade('--set', `${metricsService}.enabled=false`)
      await until(code)
      const before = await revision()
      const how = ['--fix-id', code, '--chart', chart, '--undo-file', file('undo.json')]
      const fixed = await say('doctor --fix', ...how)
      expect([fixed.exitCode, fixed.stdout]).toEqual([0, expect.stringMatching(/enable-collection: fixed/)])
      expect(fixed.stderr).toMatch(/by hand {2}helm upgrade .*--reset-then-reuse-values .*--atomic --wait/)
      expect(await isUp()).toBe(true)
      expect(await revision()).toMatchObject({
        version: before.version + 1,
        info: { description: expect.stringMatching(/^dynamo-metrics [0-9a-f]{8}$/) },
      })
      expect((await undo('undo.json')).exitCode).toBe(0)
      await until(code)
      await asInstalled()
    })

    it('an upgrade that fails is taken back by Helm, and the report says so', async () => {
      const code = 'operator/collection-disabled'
      await upgrade('--set', `${metricsService}.enabled=false`)
      await until(code)
      const standing = () => helm3('get', 'manifest', dynamo.release, '-n', dynamo.namespace)
      const before = await standing()
      await kubectl(
        'create',
        'quota',
        'full',
        '-n',
        dynamo.namespace,
        '--hard=count/servicemonitors.monitoring.coreos.com=0',
      )
      try {
        const how = ['--fix-id', code, '--chart', chart, '--undo-file', file('undo.json')]
        const run = await say('doctor --fix', ...how)
        expect(run).toMatchObject({
          exitCode: 1,
          stdout: expect.stringContaining('failed. Helm began it, and took it'),
        })
        expect(await standing()).toBe(before)
      } finally {
        await kubectl('delete', 'quota', 'full', '-n', dynamo.namespace)
      }
      await asInstalled()
    })

    it('a ServiceMonitor of our own outlives its upgrade', async () => {
      const code = 'monitor/label-mismatch'
      const spec = 'prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues'
      const kps = [
        'upgrade',
        stack.release,
        lab('charts/kube-prometheus-stack'),
        '-n',
        stack.namespace,
        '--reuse-values',
      ]
      await helm(...kps, '--set', `${spec}=true`, '--server-side=true')
      await until(code)
      const fixed = await say('doctor --fix --yes --undo-file', file('undo.json'))
      expect([fixed.exitCode, fixed.stdout]).toEqual([0, expect.stringMatching(/own-servicemonitor: fixed/)])
      await upgrade('--set', `${metricsService}.interval=3s`)
      expect(await codesNow()).toEqual([])
      expect(await isUp()).toBe(true)
      expect((await undo('undo.json')).exitCode).toBe(0)
      await helm(...kps, '--set', `${spec}=false`, '--server-side=true')
      await asInstalled()
    })

    it('what it holds of a custom resource stays as it was put until it renders another; of a Service it goes at once', async () => {
      const monitor = ['servicemonitor', names.serviceMonitor, '-n', dynamo.namespace]
      const service = ['service', names.metricsService, '-n', dynamo.namespace]
      const honours = () => kubectl('get', ...monitor, '-o', 'jsonpath={.spec.endpoints[0].honorLabels}')
      const part = () => kubectl('get', ...service, '-o', 'jsonpath={.spec.selector.control-plane}')
      const whole = await part()
      await kubectl(
        'patch',
        ...monitor,
        '--type=json',
        '-p',
        '[{"op":"replace","path":"/spec/endpoints/0/honorLabels","value":false}]',
      )
      await kubectl('patch', ...service, '-p', '{"spec":{"selector":{"control-plane":"other"}}}')
      await upgrade()
      expect([await honours(), await part()]).toEqual(['false', whole])
      await upgrade('--set', `${metricsService}.interval=4s`)
      expect(await honours()).toBe('true')
    })
  },
)

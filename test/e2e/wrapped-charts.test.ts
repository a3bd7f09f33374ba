import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Report } from '../../src/model/report.ts'
import { dynamo, dynamoTarget, heal, helm, kubeconfigs, kubectl, names, stack, waitFor } from '../lab/api.ts'
import { program } from '../lab/programs.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const lab = (path: string) => fileURLToPath(new URL(`../lab/${path}`, import.meta.url))
/** The lab's own helm is the one that is found. */
const env = { PATH: `${dirname(program('helm'))}:${process.env.PATH}` }
const say = (line: string, ...args: readonly string[]) =>
  dynamoMetrics([...line.split(' '), ...args, '--kubeconfig', kubeconfigs.admin], env)

const all = process.env.E2E_ALL === '1'

let folder = ''
const file = (name: string) => join(folder, name)

interface Wrapped {
  readonly chart: string
  readonly version: string
  /** How the chart around it calls it; undefined: it stands in its folder `charts`, and is not declared. */
  readonly alias?: string
}

/** A platform team's own chart around one of the lab's. JSON is YAML. */
const wrap = async (name: string, { chart, version, alias }: Wrapped): Promise<string> => {
  const own = chart.replace(/-\d.*$/, '')
  const dependencies = alias === undefined ? [] : [{ name: own, version, ...(alias === own ? {} : { alias }) }]
  await cp(lab(`charts/${chart}`), file(`${name}/charts/${own}`), { recursive: true, dereference: true })
  await writeFile(
    file(`${name}/Chart.yaml`),
    JSON.stringify({ apiVersion: 'v2', name, version: '7.0.1', dependencies }),
  )
  return file(name)
}

/** The release of the healthy lab, by the chart around its own: the same values, one name deeper. */
const upgradeTo = async (
  { release, namespace }: typeof dynamo,
  around: string,
  key: string,
  ...values: readonly string[]
): Promise<void> => {
  const healthy: unknown = parse(await readFile(lab(`values/${release}.yaml`), 'utf8'))
  await writeFile(file('values.json'), JSON.stringify({ [key]: healthy }))
  const how = ['--reset-values', '-f', file('values.json'), '--server-side=true', '--force-conflicts']
  await helm('upgrade', release, around, '-n', namespace, ...how, ...values.flatMap(value => ['--set', value]))
}

const untilNoTarget = () =>
  waitFor(async () => (await dynamoTarget()) === undefined, { what: 'the target to be gone', seconds: 30 })

describe('charts of a platform team’s own around those of Dynamo and Prometheus', () => {
  beforeAll(heal)
  afterAll(heal)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-wrapped-'))
  })
  afterEach(async () => {
    await heal()
    await rm(folder, { recursive: true })
  })

  it.each(all ? ['inf', 'dynamo-platform'] : ['inf'])('collection is switched where it stands, below %s', async key => {
    const around = await wrap('acme-serving', { chart: 'dynamo-platform-1.4', version: '1.4.2', alias: key })
    const path = `${key}.dynamo-operator.metricsService.enabled`
    await upgradeTo(dynamo, around, key, `${path}=false`)
    await untilNoTarget()
    const report = await examineSettled(kubeconfigs.admin)
    expect(report.causes).toMatchObject([{ code: 'operator/collection-disabled', evidence: [{ path }, {}] }])
    expect((await say('collection status')).stdout).toContain(`${path} false: the chart makes neither`)

    const named = ['--fix-id', 'operator/collection-disabled', '--chart', around, '--undo-file', file('undo.json')]
    const fixed = await say('doctor --fix', ...named)
    expect([fixed.exitCode, fixed.stdout]).toEqual([0, expect.stringMatching(/enable-collection: fixed/)])
    expect(await dynamoTarget()).toMatchObject({ health: 'up' })
    expect((await say('collection status')).stdout).toContain(`${path} true: the chart makes`)
    expect((await say('undo --yes', file('undo.json'))).exitCode).toBe(0)
    await untilNoTarget()
  })

  it('what a chart that is not declared was left to is not known, and nothing is set in the wrong place', async () => {
    const around = await wrap('acme-serving', { chart: 'dynamo-platform-1.4', version: '1.4.2' })
    await upgradeTo(dynamo, around, 'dynamo-platform')
    expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
    for (const [kind, name] of [
      ['servicemonitor', names.serviceMonitor],
      ['service', names.metricsService],
    ] as const)
      await kubectl('delete', kind, name, '-n', dynamo.namespace)
    await untilNoTarget()
    const { verdict, causes, checks } = await examineSettled(kubeconfigs.admin)
    expect([verdict, causes.filter(({ severity }) => severity === 'error')]).toEqual(['incomplete', []])
    expect(checks.filter(({ outcome }) => outcome === 'unknown')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: 'operator-collection-enabled',
          reason: expect.stringContaining('is of the chart acme-serving, and nothing stored with it tells'),
        }),
        expect.objectContaining({ id: 'service-exists' }),
      ]),
    )
    const switched = await say('collection enable --yes --chart', around)
    expect([switched.exitCode, switched.stderr]).toEqual([1, expect.stringContaining('by its place in the release')])
  })

  it.runIf(all)('the selector of kube-prometheus-stack is widened where its value stands', async () => {
    const key = 'kube-prometheus-stack'
    const around = await wrap('acme-monitoring', { chart: key, version: '88.5.3', alias: key })
    const path = `${key}.prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues`
    await upgradeTo(stack, around, key, `${path}=true`)
    await untilNoTarget()
    const [cause] = (await examineSettled(kubeconfigs.admin)).causes
    expect(cause).toMatchObject({
      code: 'monitor/label-mismatch',
      because: expect.stringContaining(`${path} of release ${stack.namespace}/${stack.release} is true`),
    })
    const named = ['--fix-id', 'monitor/label-mismatch/widen-selector', '--chart', around]
    const fixed = await say('doctor --fix', ...named, '--undo-file', file('undo.json'))
    expect([fixed.exitCode, fixed.stdout]).toEqual([0, expect.stringMatching(/widen-selector: fixed/)])
    expect(await dynamoTarget()).toMatchObject({ health: 'up' })
  })

  it.runIf(all)(
    'a value of Grafana, whose release is not read, is refused where no chart would see it (imitated: sidecar and Grafana)',
    async () => {
      const key = 'kube-prometheus-stack'
      const around = await wrap('acme-monitoring', { chart: key, version: '88.5.3', alias: key })
      await upgradeTo(stack, around, key, `${key}.grafana.sidecar.dashboards.enabled=false`)
      const missing = async () =>
        (await examineSettled(kubeconfigs.admin)).causes.some(({ code }) => code === 'grafana/sidecar-missing')
      await waitFor(missing, { what: 'the sidecar to be missing', seconds: 60 })
      const named = ['--fix-id', 'grafana/sidecar-missing', '--chart', around, '--undo-file', file('undo.json')]
      const tried = await say('doctor --fix --output json', ...named)
      expect(tried.exitCode).toBe(1)
      expect((JSON.parse(tried.stdout) as Report).notes).toContainEqual(
        expect.stringMatching(/refused\. Chart acme-monitoring of .* has no value grafana\.sidecar/),
      )
    },
  )
})

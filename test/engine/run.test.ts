import { describe, expect, test } from 'vitest'
import { defineCheck } from '../../src/checks/define-check.ts'
import { checks as register } from '../../src/checks/index.ts'
import { factSource } from '../../src/engine/fact-source.ts'
import type { Check, CheckOutcome } from '../../src/model/check.ts'
import type { Examination } from '../../src/model/examination.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { examine, type RunOptions, run } from '../../src/run.ts'
import { fakeCluster, type World } from './fake-cluster.ts'
import { healthyWorld, prometheus } from './world.ts'

const runOn = async (world: World, options: Partial<RunOptions> = {}) => {
  const cluster = fakeCluster(world)
  const examination = await run(cluster, {
    narrowing: { fallbackNamespaces: ['inference'] },
    only: [],
    skip: [],
    ...options,
  })
  return { ...examination, asked: cluster.asked }
}

const outcomeOf = ({ diagnosis }: Pick<Examination, 'diagnosis'>, id: string) =>
  diagnosis.outcomes.find(outcome => outcome.id === id)?.result

const kindsOf = ({ diagnosis }: Pick<Examination, 'diagnosis'>) =>
  Object.fromEntries(diagnosis.outcomes.map(({ id, result }) => [id, result.outcome]))

const causesOf = ({ diagnosis }: Pick<Examination, 'diagnosis'>) => diagnosis.causes.map(({ root }) => root.code)

const objects = healthyWorld().objects ?? []

const replaced = (changed: KubernetesObject): readonly KubernetesObject[] =>
  objects.map(object =>
    object.kind === changed.kind && object.metadata.name === changed.metadata.name ? changed : object,
  )

const without = (kind: string) => objects.filter(object => object.kind !== kind)

describe('a healthy cluster', () => {
  test('passes the links of access, stack, service and monitor', async () => {
    const kinds = kindsOf(await runOn(healthyWorld(), { only: ['access', 'stack', 'service', 'monitor'] }))
    expect(kinds).toMatchObject({
      'access-cluster-reachable': 'passed',
      'access-permissions': 'passed',
      'stack-custom-resources': 'passed',
      'stack-operator-running': 'passed',
      'stack-prometheus-present': 'passed',
      'stack-prometheus-managed': 'passed',
      'stack-prometheus-reconciled': 'passed',
      'stack-prometheus-ready': 'passed',
      'service-exists': 'passed',
      'service-ports': 'passed',
      'service-selects-pods': 'passed',
      'service-endpoints': 'passed',
      'monitor-exists': 'passed',
      'monitor-targets-service': 'passed',
      'monitor-selected': 'passed',
      'monitor-accepted': 'passed',
    })
  })

  test('is named in the heading by what was found', async () => {
    const { about } = await runOn(healthyWorld(), { only: ['stack', 'service', 'monitor'] })
    expect(about.context).toBe('lab')
    expect(about.operators).toEqual([
      expect.objectContaining({
        ref: expect.objectContaining({ namespace: 'inference', name: 'dyn-dynamo-operator-controller-manager' }),
        era: '1.0',
        version: '1.4.2',
      }),
    ])
    expect(about.prometheuses).toEqual([expect.objectContaining({ namespace: 'observability', name: 'kps' })])
  })

  test('gives its outcomes in the order of the register', async () => {
    const { diagnosis } = await runOn(healthyWorld(), { only: ['access', 'stack', 'service', 'monitor'] })
    const ids = register.map(({ id }) => id)
    const positions = diagnosis.outcomes.map(({ id }) => ids.indexOf(id))
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
  })
})

describe('reading', () => {
  test('asks for nothing twice', async () => {
    const { asked } = await runOn(healthyWorld())
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.filter((read, index) => asked.indexOf(read) !== index)).toEqual([])
  })

  test('asks for what the selected checks need and for nothing else: --only access is one question', async () => {
    const { asked, diagnosis } = await runOn(healthyWorld(), { only: ['access'] })
    expect(asked).toEqual(['version'])
    expect(diagnosis.outcomes.map(({ id }) => id)).toEqual(['access-cluster-reachable', 'access-permissions'])
  })

  test('reports progress up to the number of checks that run', async () => {
    const seen: string[] = []
    await runOn(healthyWorld(), { only: ['access'], onProgress: (done, all) => seen.push(`${done}/${all}`) })
    expect(seen).toEqual(['1/2', '2/2'])
  })

  test('what was not asked for is not in the heading', async () => {
    const { about } = await runOn(healthyWorld(), { only: ['access'] })
    expect(about).toMatchObject({ operators: [], prometheuses: [], grafanas: [] })
  })
})

describe('an API server that is not reached', () => {
  const down: World = {
    ...healthyWorld(),
    version: {
      ok: false,
      unavailable: {
        why: 'unreachable',
        verb: 'get',
        resource: '/version',
        message: 'connect ECONNREFUSED 10.0.0.1:6443',
      },
    },
  }

  test('is the only finding, and asked once', async () => {
    const result = await runOn(down)
    expect(causesOf(result)).toEqual(['access/unreachable'])
    expect(result.asked.filter(name => name === 'version')).toEqual(['version'])
  })

  test('leaves every other check unknown: none passes for what was not read', async () => {
    const { diagnosis } = await runOn(down)
    const others = diagnosis.outcomes.filter(({ id }) => id !== 'access-cluster-reachable')
    expect(new Set(others.map(({ result }) => result.outcome))).toEqual(new Set(['unknown']))
    expect(outcomeOf({ diagnosis }, 'access-cluster-reachable')?.outcome).toBe('failed')
  })

  test('but one that refuses to tell its version was reached', async () => {
    const result = await runOn({
      ...healthyWorld(),
      version: { ok: false, unavailable: { why: 'forbidden', verb: 'get', resource: '/version', message: 'no' } },
    })
    expect(kindsOf(result)).toMatchObject({ 'access-cluster-reachable': 'passed', 'service-exists': 'passed' })
    expect(causesOf(result)).not.toContain('access/unreachable')
  })
})

describe('refused reads', () => {
  const refuses: World['refuses'] = ({ resource, namespace }) =>
    resource === 'prometheuses.monitoring.coreos.com' && namespace !== 'observability'

  test('leave what needs them unknown, and are named once with verb, resource and checks', async () => {
    const result = await runOn(healthyWorld({ refuses, http: () => undefined }), {
      only: ['access', 'stack', 'monitor'],
    })
    expect(kindsOf(result)).toMatchObject({ 'stack-prometheus-present': 'unknown', 'monitor-selected': 'unknown' })
    const forbidden = result.diagnosis.causes.find(({ root }) => root.code === 'access/forbidden')?.root
    expect(forbidden?.severity).toBe('info')
    expect(forbidden?.evidence.map(({ path }) => path)).toContain(
      'list prometheuses.monitoring.coreos.com in all namespaces',
    )
    const evidence = forbidden?.evidence.find(
      ({ path }) => path === 'list prometheuses.monitoring.coreos.com in all namespaces',
    )
    expect(evidence?.actual).toMatch(/^refused; unknown: .*stack-prometheus-present.*monitor-selected/)
  })

  test('in all namespaces give way to the namespaces that may be read', async () => {
    const result = await runOn(healthyWorld({ refuses }), {
      narrowing: { fallbackNamespaces: ['inference', 'observability'] },
      only: ['access', 'stack', 'monitor'],
    })
    const forbidden = result.diagnosis.causes.find(({ root }) => root.code === 'access/forbidden')?.root
    expect(forbidden?.evidence.map(({ path }) => path)).toContain(
      'list prometheuses.monitoring.coreos.com in all namespaces',
    )
    expect(result.about.prometheuses).toEqual([expect.objectContaining({ namespace: 'observability', name: 'kps' })])
    expect(result.asked.filter(read => read.startsWith('list prometheuses'))).toEqual([
      'list prometheuses.monitoring.coreos.com',
      'list prometheuses.monitoring.coreos.com inference',
      'list prometheuses.monitoring.coreos.com observability',
    ])
  })

  test('are no finding where nothing was refused', async () => {
    expect(causesOf(await runOn(healthyWorld(), { only: ['access', 'service'] }))).toEqual([])
  })
})

describe('a crash', () => {
  test('of a fact is the outcome of the checks that need it, and of no other', async () => {
    const result = await runOn(healthyWorld({ crashesOn: 'monitoring.coreos.com/v1' }), {
      only: ['access', 'stack', 'service'],
    })
    expect(outcomeOf(result, 'stack-custom-resources')).toMatchObject({
      outcome: 'crashed',
      error: expect.objectContaining({ message: 'a bug while reading monitoring.coreos.com/v1' }),
    })
    expect(kindsOf(result)).toMatchObject({
      'access-permissions': 'passed',
      'stack-prometheus-managed': 'passed',
      'service-exists': 'passed',
    })
  })

  test('of a fact on which all others rest still ends in a report', async () => {
    const result = await runOn(healthyWorld({ crashesOn: 'deployments.apps' }))
    expect(result.about.operators).toEqual([])
    expect(outcomeOf(result, 'service-exists')?.outcome).toBe('crashed')
    expect(outcomeOf(result, 'access-cluster-reachable')?.outcome).toBe('passed')
  })
})

describe('the diagnosis', () => {
  test('names the label that no Prometheus selects, and folds nothing unrelated under it', async () => {
    const world = healthyWorld({
      objects: replaced({
        ...prometheus,
        spec: { ...prometheus.spec, serviceMonitorSelector: { matchLabels: { release: 'kps' } } },
      } as KubernetesObject),
      http: () => undefined,
    })
    const { diagnosis } = await runOn(world, { only: ['access', 'stack', 'service', 'monitor'] })
    expect(
      diagnosis.causes.filter(({ root }) => root.severity !== 'info').map(({ root }) => [root.code, root.subject.name]),
    ).toEqual([['monitor/label-mismatch', 'dyn-dynamo-operator-operator']])
  })

  test('selects by --only and --skip after it: a consequence is shown under its cause', async () => {
    const world = healthyWorld({ objects: without('ServiceMonitor'), served: {}, http: () => undefined })
    const all = await runOn(world, { only: ['stack', 'service', 'monitor'] })
    const cause = all.diagnosis.causes.find(({ root }) => root.code === 'stack/crds-missing')
    expect(cause?.explains.map(({ code }) => code)).toContain('monitor/missing')

    const only = await runOn(world, { only: ['monitor'] })
    expect(causesOf(only)).toEqual(['stack/crds-missing'])
    expect(only.diagnosis.outcomes.every(({ area }) => area === 'monitor')).toBe(true)
  })
})

describe('proved links', () => {
  const hidden: NonNullable<World['refuses']> = ({ resource }) => resource === 'servicemonitors.monitoring.coreos.com'

  test('of the register: with the series in Prometheus, of ServiceMonitors that may not be read only a second one stays in doubt', async () => {
    const result = await runOn(healthyWorld({ refuses: hidden }), { only: ['access', 'monitor'] })
    expect(kindsOf(result)).toMatchObject({ 'monitor-exists': 'skipped', 'monitor-selected': 'skipped' })
    const forbidden = result.diagnosis.causes.find(({ root }) => root.code === 'access/forbidden')?.root
    expect(forbidden?.evidence.map(({ path, actual }) => [path, actual])).toContainEqual([
      'list servicemonitors.monitoring.coreos.com in inference',
      'refused; unknown: monitor-distinct',
    ])
  })

  test('of the register: without them it stays unknown', async () => {
    const result = await runOn(healthyWorld({ refuses: hidden, http: () => undefined }), { only: ['monitor'] })
    expect(kindsOf(result)).toMatchObject({ 'monitor-exists': 'unknown', 'monitor-selected': 'unknown' })
  })

  const link = (provedBy?: string): Check =>
    defineCheck({
      id: 'stack-link',
      title: 'A link that needs what is refused',
      area: 'stack',
      needs: ['prometheuses'],
      wants: [],
      ...(provedBy === undefined ? {} : { provedBy }),
      codes: {},
      run: () => ({ findings: [] }),
    }) as Check
  const end = (findings: 'none' | 'one'): Check =>
    defineCheck({
      id: 'metrics-end',
      title: 'The end of the chain',
      area: 'metrics',
      needs: ['server'],
      wants: [],
      codes: { 'metrics/end': { title: 'The end is broken', severity: 'error' } },
      run: () => ({
        findings:
          findings === 'none'
            ? []
            : [
                {
                  code: 'metrics/end',
                  subject: { apiVersion: 'v1', kind: 'Service', name: 'dyn' },
                  about: [],
                  message: 'broken',
                  evidence: [{ ref: { apiVersion: 'v1', kind: 'Service', name: 'dyn' }, expected: 'a', actual: 'b' }],
                  because: 'somebody made it',
                  fixes: [],
                },
              ],
      }),
    }) as Check
  const settle = async (
    checks: readonly Check[],
    refuses: NonNullable<World['refuses']>,
  ): Promise<CheckOutcome['result'] | undefined> => {
    const facts = factSource(fakeCluster(healthyWorld({ refuses })), { fallbackNamespaces: [] })
    return (await examine(checks, facts, () => {})).find(({ id }) => id === 'stack-link')?.result
  }
  const all = () => true
  const nothing = () => false

  test('that could not be read are skipped where the end of the chain passes', async () => {
    expect(await settle([link('metrics-end'), end('none')], all)).toEqual({
      outcome: 'skipped',
      why: 'proved',
      reason: 'proved by: The end of the chain',
    })
  })
  test('are unknown where the end fails', async () =>
    expect((await settle([link('metrics-end'), end('one')], all))?.outcome).toBe('unknown'))
  test('are unknown where nothing proves them', async () =>
    expect((await settle([link(), end('none')], all))?.outcome).toBe('unknown'))
  test('pass on their own where they could be read', async () =>
    expect((await settle([link('metrics-end'), end('none')], nothing))?.outcome).toBe('passed'))
})

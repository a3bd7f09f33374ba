import { describe, expect, it } from 'vitest'
import { dashboardLoaded } from '../../../src/checks/grafana/dashboard-loaded.ts'
import { sidecarConfigured } from '../../../src/checks/grafana/sidecar-configured.ts'
import { sidecarPermitted } from '../../../src/checks/grafana/sidecar-permitted.ts'
import { sidecarPresent } from '../../../src/checks/grafana/sidecar-present.ts'
import { sidecarRunning } from '../../../src/checks/grafana/sidecar-running.ts'
import { sidecarWatches } from '../../../src/checks/grafana/sidecar-watches.ts'
import { refOf } from '../../../src/kubernetes/object-ref.ts'
import type { ContainerState } from '../../../src/model/kubernetes.ts'
import { settings } from '../../grafana/workloads.ts'
import {
  access,
  all,
  boardFile,
  chain,
  files,
  findingsOf,
  forbidden,
  grafana,
  grafanaWithoutSidecar,
  healthyFacts,
  type Looked,
  loaded,
  now,
  pod,
  runCheck,
  running,
  stackPrometheus,
  summary,
  unloadedFacts,
} from '../dashboard/healthy-facts.ts'

const set = (change: Readonly<Record<string, string>>, parts = {}) => grafana({ ...settings, ...change }, parts)
const without = (...names: readonly string[]) =>
  grafana(Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name))))
const plain = (given = grafana()) => ({
  ...given,
  workload: { ...given.workload, metadata: { namespace: 'observability', name: given.workload.metadata.name } },
})
const none: Partial<Looked> = { dashboardFiles: all() }
const noOperator: [string, Partial<Looked>, string] = ['no operator', { chains: all() }, 'skipped']
const noGrafana: [string, Partial<Looked>, string] = ['no Grafana', { grafanas: all() }, 'skipped']

describe('grafana-sidecar-present', () => {
  const bare = { grafanas: all(grafanaWithoutSidecar()) }
  it.each<[string, Partial<Looked>, string]>([
    ['a sidecar', {}, 'passed'],
    ['none', bare, 'failed grafana/sidecar-missing'],
    [
      'a second Grafana has one',
      { grafanas: all(grafanaWithoutSidecar(), grafana(settings, { name: 'b' })) },
      'passed',
    ],
    [
      'none, and a GrafanaDashboard brings it',
      {
        ...bare,
        grafanaDashboards: all({
          chain: chain.id,
          object: { apiVersion: 'x/v1', kind: 'GrafanaDashboard', metadata: { name: 'x' } },
        }),
      },
      'skipped',
    ],
    noOperator,
    noGrafana,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(sidecarPresent, unloadedFacts(change)))).toBe(wanted)
  })

  it('is no fault where Grafana has the dashboard', async () => {
    expect(
      summary(
        await runCheck(
          sidecarPresent,
          healthyFacts({ ...bare, loadedDashboards: all(loaded(grafanaWithoutSidecar(), true)) }),
        ),
      ),
    ).toBe('passed')
  })

  it('is unknown where Grafanas may not be read', async () => {
    expect(summary(await runCheck(sidecarPresent, healthyFacts(), { unavailable: ['grafanas'] }))).toBe('unknown')
  })

  it.each<[string, Looked['prometheuses'], string]>([
    ['on its own', all(), 'sidecar.dashboards.enabled'],
    ['with kube-prometheus-stack', all(stackPrometheus), 'grafana.sidecar.dashboards.enabled'],
  ])('sets the value of a Grafana installed %s', async (_, prometheuses, path) => {
    const [finding] = findingsOf(await runCheck(sidecarPresent, unloadedFacts({ ...bare, prometheuses })))
    expect(finding?.fixes[0]).toMatchObject({
      risk: 'disruptive',
      steps: [{ do: 'helm-upgrade', release: { namespace: 'observability', name: 'kps' }, set: { [path]: true } }],
    })
  })

  it('tells what to do without a chart', async () => {
    const [finding] = findingsOf(
      await runCheck(sidecarPresent, unloadedFacts({ grafanas: all(plain(grafanaWithoutSidecar())) })),
    )
    expect(finding?.fixes[0]).toMatchObject({ risk: 'manual', steps: [{ do: 'tell' }] })
  })
})

describe('grafana-sidecar-configured', () => {
  it.each<[string, Partial<Looked>, string]>([
    ['healthy', {}, 'passed'],
    [
      'a comma in LABEL_VALUE',
      { grafanas: all(set({ LABEL_VALUE: 'yes,1' })) },
      'failed grafana/sidecar-misconfigured',
    ],
    ['NAMESPACE all', { grafanas: all(set({ NAMESPACE: 'all' })) }, 'failed grafana/sidecar-misconfigured'],
    ['no FOLDER', { grafanas: all(without('FOLDER')) }, 'failed grafana/sidecar-misconfigured'],
    ['… and no dashboard yet', { ...none, grafanas: all(without('FOLDER')) }, 'failed grafana/sidecar-misconfigured'],
    ['a blank before another namespace', { grafanas: all(set({ NAMESPACE: 'dashboards, b' })) }, 'passed'],
    [
      'a blank before this one',
      { grafanas: all(set({ NAMESPACE: 'b, dashboards' })) },
      'failed grafana/sidecar-misconfigured',
    ],
    [
      'another Grafana that takes the dashboard',
      { grafanas: all(set({ NAMESPACE: 'all' }), grafana(settings, { name: 'b' })) },
      'passed',
    ],
    [
      'files that 2.8.0 takes away with the next namespace',
      {
        grafanas: all(
          set({ NAMESPACE: 'dashboards,b', IGNORE_ALREADY_PROCESSED: 'true' }, { image: 'x/k8s-sidecar:2.8.0' }),
        ),
      },
      'failed grafana/sidecar-misconfigured',
    ],
    [
      '… which is not the dashboard’s',
      {
        grafanas: all(
          set({ NAMESPACE: 'b,dashboards', IGNORE_ALREADY_PROCESSED: 'true' }, { image: 'x/k8s-sidecar:2.8.0' }),
        ),
      },
      'passed',
    ],
    [
      'names that end in a comma',
      { grafanas: all(set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'operator-board,' })) },
      'failed grafana/sidecar-misconfigured',
    ],
    ['no sidecar', { grafanas: all(grafanaWithoutSidecar()) }, 'skipped'],
    noOperator,
    noGrafana,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(sidecarConfigured, unloadedFacts(change)))).toBe(wanted)
  })

  const providing = (...paths: readonly string[]): Partial<Looked> => ({
    dashboardProviders: all({
      grafana: refOf(grafana().workload),
      providers: paths.map(path => ({ path, seconds: 600, ref: refOf(boardFile()) })),
    }),
  })
  const away = boardFile({ annotations: { 'k8s-sidecar-target-directory': '/srv/boards' } })
  it.each<[string, Partial<Looked>, string]>([
    ['one that reads it', providing('/srv', '/tmp'), 'passed'],
    ['none', providing(), 'failed grafana/sidecar-misconfigured'],
    ['others', providing('/srv', '/tmp/board'), 'failed grafana/sidecar-misconfigured'],
    ['one that reads where the annotation sends it', { ...providing('/srv'), dashboardFiles: files(away) }, 'passed'],
    ['… and one that reads the folder alone', { ...providing('/tmp'), dashboardFiles: files(away) }, 'passed'],
    [
      '… and one that reads neither',
      { ...providing('/other'), dashboardFiles: files(away) },
      'failed grafana/sidecar-misconfigured',
    ],
    ['… and no file yet', { ...providing('/srv'), ...none }, 'failed grafana/sidecar-misconfigured'],
    ['none, for all that a script may do', { ...providing(), grafanas: all(set({ SCRIPT: '/x' })) }, 'passed'],
  ])('judges the providers of Grafana: %s', async (_, change, wanted) => {
    expect(summary(await runCheck(sidecarConfigured, unloadedFacts(change)))).toBe(wanted)
  })

  it('lets the chart make a provider, or says what one has to read', async () => {
    const [byChart] = findingsOf(await runCheck(sidecarConfigured, unloadedFacts(providing('/srv'))))
    expect(byChart).toMatchObject({
      evidence: [{ expected: 'below /srv', actual: '/tmp/boards' }],
      fixes: [{ steps: [{ do: 'helm-upgrade', set: { 'sidecar.dashboards.SCProvider': true } }] }],
    })
    const facts = unloadedFacts({ ...providing(), grafanas: all(plain()) })
    expect(findingsOf(await runCheck(sidecarConfigured, facts))[0]?.fixes[0]?.steps).toMatchObject([
      { do: 'tell', text: expect.stringContaining('options.path /tmp/boards') },
    ])
  })

  it('is no fault where Grafana has the dashboard', async () => {
    expect(summary(await runCheck(sidecarConfigured, healthyFacts({ grafanas: all(set({ NAMESPACE: 'all' })) })))).toBe(
      'passed',
    )
  })

  it('is unknown where Grafanas may not be read', async () => {
    expect(summary(await runCheck(sidecarConfigured, healthyFacts(), { unavailable: ['grafanas'] }))).toBe('unknown')
  })

  it.each([
    [{ NAMESPACE: ' a , b' }, { 'sidecar.dashboards.searchNamespace': 'a,b' }],
    [{ NAMESPACE: 'a,All' }, { 'sidecar.dashboards.searchNamespace': 'ALL' }],
    [{ NAMESPACE: '' }, { 'sidecar.dashboards.searchNamespace': 'ALL' }],
    [{ LABEL_VALUE: '1,true' }, { 'sidecar.dashboards.labelValue': '1' }],
    [{ RESOURCE: 'configmaps' }, { 'sidecar.dashboards.resource': 'both' }],
    [{ WATCH_SERVER_TIMEOUT: '60s' }, { 'sidecar.dashboards.watchServerTimeout': '60' }],
    [{ NAMESPACE: 'dashboards', RESOURCE_NAME: 'x, y,' }, { 'sidecar.dashboards.resourceName': 'x,y' }],
  ])('proposes what %j was meant to be', async (change, values) => {
    const [finding] = findingsOf(await runCheck(sidecarConfigured, unloadedFacts({ grafanas: all(set(change)) })))
    expect(finding?.fixes[0]?.steps).toMatchObject([{ do: 'helm-upgrade', set: values }])
  })

  it('speaks of the sidecar that the dashboard depends on', async () => {
    const grafanas = all(set({ NAMESPACE: 'all' }), set({ LABEL: 'x', NAMESPACE: 'All' }, { name: 'b' }))
    const found = findingsOf(await runCheck(sidecarConfigured, unloadedFacts({ grafanas })))
    expect(found.map(({ subject }) => subject.name)).toEqual(['kps-grafana'])
  })

  it('writes the command where no chart owns it', async () => {
    const [finding] = findingsOf(
      await runCheck(sidecarConfigured, unloadedFacts({ grafanas: all(plain(set({ NAMESPACE: 'all' }))) })),
    )
    expect(finding?.fixes[0]?.steps).toMatchObject([
      { commands: ['kubectl -n observability set env deployment/kps-grafana -c grafana-sc-dashboard NAMESPACE=ALL'] },
    ])
  })
})

describe('grafana-sidecar-watches', () => {
  it.each<[string, Partial<Looked>, string]>([
    ['healthy', {}, 'passed'],
    ['its own namespace only', { grafanas: all(without('NAMESPACE')) }, 'failed grafana/namespace-not-watched'],
    ['other namespaces', { grafanas: all(set({ NAMESPACE: 'a,b' })) }, 'failed grafana/namespace-not-watched'],
    [
      '… where a copy is',
      { grafanas: all(set({ NAMESPACE: 'a,b' })), dashboardFiles: files(boardFile(), boardFile({ namespace: 'b' })) },
      'passed',
    ],
    ['Secrets only', { grafanas: all(set({ RESOURCE: 'secret' })) }, 'failed grafana/resource-not-watched'],
    [
      'other names',
      { grafanas: all(set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'x' })) },
      'failed grafana/resource-not-watched',
    ],
    [
      'both',
      { grafanas: all(set({ NAMESPACE: 'a', RESOURCE: 'secret' })) },
      'failed grafana/namespace-not-watched grafana/resource-not-watched',
    ],
    ['another Grafana that does', { grafanas: all(without('NAMESPACE'), grafana(settings, { name: 'b' })) }, 'passed'],
    ['a setting that cannot be read', { grafanas: all(hidden()) }, 'unknown'],
    ['no file', none, 'skipped'],
    ['no sidecar', { grafanas: all(grafanaWithoutSidecar()) }, 'skipped'],
    noOperator,
    noGrafana,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(sidecarWatches, unloadedFacts(change)))).toBe(wanted)
  })

  it('is silent where Grafana has it', async () => {
    expect(summary(await runCheck(sidecarWatches, healthyFacts({ grafanas: all(without('NAMESPACE')) })))).toBe(
      'passed',
    )
  })

  it('adds the one namespace that is missing, or copies the ConfigMap', async () => {
    const [finding] = findingsOf(
      await runCheck(
        sidecarWatches,
        unloadedFacts({ grafanas: all(without('NAMESPACE')), prometheuses: all(stackPrometheus) }),
      ),
    )
    expect(finding).toMatchObject({
      subject: { kind: 'Deployment', name: 'kps-grafana' },
      about: [{ kind: 'ConfigMap', namespace: 'dashboards' }],
      because: 'without NAMESPACE the sidecar looks only in the namespace of its own pod',
      evidence: [
        {
          expected: 'ALL, or dashboards among its entries',
          actual: 'not set: only Grafana’s own namespace, observability',
        },
      ],
      fixes: [
        {
          steps: [
            { do: 'helm-upgrade', set: { 'grafana.sidecar.dashboards.searchNamespace': 'observability,dashboards' } },
          ],
        },
        { steps: [{ commands: [expect.stringContaining('-n observability -f -')] }] },
      ],
    })
  })

  it('does not carry a wrong ALL over', async () => {
    const [finding] = findingsOf(
      await runCheck(sidecarWatches, unloadedFacts({ grafanas: all(set({ NAMESPACE: 'all, a' })) })),
    )
    expect(finding?.fixes[0]?.steps).toMatchObject([{ set: { 'sidecar.dashboards.searchNamespace': 'a,dashboards' } }])
  })

  it('adds the name to the list of names', async () => {
    const [finding] = findingsOf(
      await runCheck(
        sidecarWatches,
        unloadedFacts({ grafanas: all(set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'x' })) }),
      ),
    )
    expect(finding?.fixes[0]?.steps).toMatchObject([{ set: { 'sidecar.dashboards.resourceName': 'x,operator-board' } }])
  })
})

function hidden() {
  const given = without('NAMESPACE')
  return given.sidecar ? { ...given, sidecar: { ...given.sidecar, unreadable: ['NAMESPACE'] } } : given
}

describe('grafana-sidecar-permitted', () => {
  const everywhere = { verb: 'list', resource: 'configmaps' }
  const secrets = { verb: 'list', resource: 'secrets' }
  const unversioned = grafana(settings, { image: 'x/k8s-sidecar:latest' })
  const broken = all(
    pod(grafana().workload, 'a', { 'grafana-sc-dashboard': { waiting: { reason: 'CrashLoopBackOff' } } }),
  )

  it.each<[string, Partial<Looked>, string]>([
    ['everything', {}, 'passed'],
    ['ConfigMaps refused', { sidecarAccess: all(access(grafana(), everywhere)) }, 'failed grafana/sidecar-forbidden'],
    ['Secrets refused', { sidecarAccess: all(access(grafana(), secrets)) }, 'failed grafana/sidecar-forbidden'],
    [
      'Secrets refused to a sidecar without version, which runs',
      { grafanas: all(unversioned), sidecarAccess: all(access(unversioned, secrets)) },
      'passed',
    ],
    [
      '… which does not run',
      { grafanas: all(unversioned), sidecarAccess: all(access(unversioned, secrets)), grafanaPods: broken },
      'failed grafana/sidecar-forbidden',
    ],
    [
      'another Grafana is permitted',
      {
        grafanas: all(grafana(), grafana(settings, { name: 'b' })),
        sidecarAccess: all(access(grafana(), everywhere), access(grafana(settings, { name: 'b' }))),
      },
      'passed',
    ],
    [
      'another Grafana is permitted, and does not take the dashboard',
      {
        grafanas: all(grafana(), set({ LABEL: 'x' }, { name: 'b' })),
        sidecarAccess: all(access(grafana(), everywhere), access(set({}, { name: 'b' }))),
      },
      'failed grafana/sidecar-forbidden',
    ],
    ['no answer', { sidecarAccess: { items: [], unread: [forbidden('subjectaccessreviews')] } }, 'unknown'],
    ['other credentials than its ServiceAccount’s', { grafanas: all(set({ KUBECONFIG: '/etc/kube' })) }, 'unknown'],
    [
      'another namespace refused, which 1.30 looks in on its own',
      {
        grafanas: all(grafana(settings, { image: 'x/k8s-sidecar:1.30.3' })),
        sidecarAccess: all(access(grafana(), { ...everywhere, namespace: 'b' })),
      },
      'passed',
    ],
    [
      '… and 1.31 does not',
      { sidecarAccess: all(access(grafana(), { ...everywhere, namespace: 'b' })) },
      'failed grafana/sidecar-forbidden',
    ],
    ['no sidecar', { grafanas: all(grafanaWithoutSidecar()) }, 'skipped'],
    noOperator,
    noGrafana,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(sidecarPermitted, unloadedFacts(change)))).toBe(wanted)
  })

  it('does not tell whether refused Secrets stop a sidecar without version where no pod was seen', async () => {
    const facts = unloadedFacts({ grafanas: all(unversioned), sidecarAccess: all(access(unversioned, secrets)) })
    expect(summary(await runCheck(sidecarPermitted, facts, { unavailable: ['grafanaPods'] }))).toBe('unknown')
  })

  it('is no fault where Grafana has the dashboard', async () => {
    expect(
      summary(await runCheck(sidecarPermitted, healthyFacts({ sidecarAccess: all(access(grafana(), everywhere)) }))),
    ).toBe('passed')
  })

  it.each([
    ['the chart grants it', everywhere, { 'rbac.create': true, 'rbac.namespaced': false }],
    [
      'the chart grants it in one namespace',
      { ...everywhere, namespace: 'dashboards' },
      { 'rbac.create': true, 'rbac.namespaces': ['dashboards'] },
    ],
    ['the sidecar leaves Secrets alone', secrets, { 'sidecar.dashboards.resource': 'configmap' }],
  ])('%s', async (_, refused, values) => {
    const [finding] = findingsOf(
      await runCheck(sidecarPermitted, unloadedFacts({ sidecarAccess: all(access(grafana(), refused)) })),
    )
    expect(finding?.fixes[0]?.steps).toMatchObject([{ do: 'helm-upgrade', set: values }])
  })

  it('grants what ConfigMaps need where Secrets are refused too', async () => {
    const own = { verb: 'list', resource: 'configmaps', namespace: 'dashboards' }
    const sidecarAccess = all(access(grafana(), own, { ...secrets, namespace: 'dashboards' }))
    const [finding] = findingsOf(await runCheck(sidecarPermitted, unloadedFacts({ sidecarAccess })))
    expect(finding?.fixes[0]?.steps).toMatchObject([{ set: { 'rbac.namespaces': ['dashboards'] } }])
    expect(finding?.because).toContain('no Role for that in the namespace')
  })

  it('grants by name what is fetched by name', async () => {
    const one = { verb: 'get', resource: 'configmaps', namespace: 'dashboards', name: 'operator-board' }
    const [finding] = findingsOf(
      await runCheck(sidecarPermitted, unloadedFacts({ sidecarAccess: all(access(grafana(), one)) })),
    )
    expect(finding?.evidence[0].path).toBe('get configmaps/operator-board in namespace dashboards')
    expect(finding?.fixes[1]?.steps[0]).toMatchObject({
      manifest: { rules: [{ resources: ['configmaps'], resourceNames: ['operator-board'], verbs: ['get'] }] },
    })
  })

  it('never grants Secrets alone', async () => {
    const [finding] = findingsOf(
      await runCheck(sidecarPermitted, unloadedFacts({ sidecarAccess: all(access(grafana(), secrets)) })),
    )
    expect(finding?.fixes.map(({ at }) => at)).toEqual(['source'])
  })

  it('can grant exactly what is refused', async () => {
    const refused = { ...everywhere, namespace: 'dashboards' }
    const [finding] = findingsOf(
      await runCheck(sidecarPermitted, unloadedFacts({ sidecarAccess: all(access(grafana(), refused)) })),
    )
    expect(finding).toMatchObject({
      about: [{ kind: 'ServiceAccount', name: 'boards' }],
      evidence: [{ path: 'list configmaps in namespace dashboards', actual: 'refused (no RBAC rule)' }],
      fixes: [
        {},
        {
          risk: 'disruptive',
          steps: [
            {
              do: 'apply',
              manifest: { kind: 'Role', metadata: { namespace: 'dashboards' }, rules: [{ resources: ['configmaps'] }] },
            },
            {
              do: 'apply',
              manifest: { kind: 'RoleBinding', subjects: [{ name: 'boards', namespace: 'observability' }] },
            },
          ],
        },
      ],
    })
  })
})

describe('grafana-sidecar-running', () => {
  const is = (state: ContainerState, parts = {}): Partial<Looked> => ({
    grafanaPods: all(
      pod(grafana().workload, 'kps-grafana-0', { 'grafana-sc-dashboard': state, grafana: running }, parts),
    ),
  })
  const once = (state: ContainerState, ready: boolean): Partial<Looked> => {
    const given = pod(grafana().workload, 'kps-grafana-0', { grafana: running })
    const initContainerStatuses = [{ name: 'grafana-sc-dashboard', ready, state }]
    return { grafanaPods: all({ ...given, status: { ...given.status, initContainerStatuses } }) }
  }
  const crashing: ContainerState = { waiting: { reason: 'CrashLoopBackOff' } }
  const restarted = (restartCount: number, secondsAgo: number, ready = 'False'): Partial<Looked> => {
    const startedAt = new Date(Date.parse(now) - secondsAgo * 1000).toISOString()
    const given = pod(grafana().workload, 'kps-grafana-0', { grafana: running })
    const sidecar = { name: 'grafana-sc-dashboard', ready: true, restartCount, state: { running: { startedAt } } }
    const containerStatuses = [...(given.status?.containerStatuses ?? []), sidecar]
    const conditions = [{ type: 'Ready', status: ready }]
    return { grafanaPods: all({ ...given, status: { ...given.status, containerStatuses, conditions } }) }
  }

  it.each<[string, Partial<Looked>, string]>([
    ['running', {}, 'passed'],
    ['crashing', is(crashing), 'failed grafana/sidecar-crashing'],
    ['just ended', is({ terminated: { exitCode: 1 } }), 'failed grafana/sidecar-crashing'],
    ['no image', is({ waiting: { reason: 'ErrImagePull' } }), 'failed grafana/sidecar-crashing'],
    ['running between two crashes', restarted(2, 59), 'failed grafana/sidecar-crashing'],
    ['running well after them', restarted(2, 61), 'passed'],
    ['running after them, in a pod that is ready', restarted(2, 5, 'True'), 'passed'],
    ['restarted once', restarted(1, 5), 'passed'],
    ['starting', is({ waiting: { reason: 'ContainerCreating' } }), 'unknown'],
    ['no pods', { grafanaPods: all() }, 'unknown'],
    [
      'one of two pods runs it',
      {
        grafanaPods: all(
          pod(grafana().workload, 'a', { 'grafana-sc-dashboard': crashing }),
          pod(grafana().workload, 'b', { 'grafana-sc-dashboard': running }),
        ),
      },
      'passed',
    ],
    ['an init container that has done its work', once({ terminated: { exitCode: 0 } }, true), 'passed'],
    ['an init container that failed', once({ terminated: { exitCode: 1 } }, false), 'failed grafana/sidecar-crashing'],
    [
      'another container crashes',
      { grafanaPods: all(pod(grafana().workload, 'a', { 'grafana-sc-dashboard': running, grafana: crashing })) },
      'passed',
    ],
    ['no sidecar', { grafanas: all(grafanaWithoutSidecar()) }, 'skipped'],
    noOperator,
    noGrafana,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(sidecarRunning, unloadedFacts(change)))).toBe(wanted)
  })

  it('is unknown where pods may not be read', async () => {
    expect(summary(await runCheck(sidecarRunning, unloadedFacts(), { unavailable: ['grafanaPods'] }))).toBe('unknown')
  })

  it.each([
    [
      { exitCode: 1 },
      ['starting', 'Error: configmaps is forbidden: User "x"', 'bye'],
      'the API server refuses what it asks for',
    ],
    [
      { exitCode: 137, reason: 'OOMKilled' },
      [],
      'it was killed, most often for want of memory: see the sidecar’s resources',
    ],
    [{ exitCode: 0 }, [], expect.stringContaining('ends without an error') as string],
    [{ exitCode: 1 }, ['strange'], 'it ends with an error and is started again and again'],
  ])('says why it ended: %j %j', async (terminated, lines, because) => {
    const facts = unloadedFacts({
      ...is(crashing, { restarts: 3, lastState: { terminated } }),
      sidecarLogs: all({ grafana: refOf(grafana().workload), container: 'grafana-sc-dashboard', lines }),
    })
    const [finding] = findingsOf(await runCheck(sidecarRunning, facts))
    expect(finding?.because).toEqual(because)
    expect(finding?.evidence[0].actual).toContain(`CrashLoopBackOff, exit code ${terminated.exitCode}`)
  })

  it('of one that looks once and ends says so, and how to let it watch', async () => {
    const { sidecar, ...rest } = grafana()
    const once = sidecar && { ...sidecar, settings: { ...sidecar.settings, METHOD: 'LIST' } }
    const facts = unloadedFacts({
      ...is(crashing, { restarts: 3, lastState: { terminated: { exitCode: 0, reason: 'Completed' } } }),
      grafanas: all({ ...rest, sidecar: once }),
    })
    const [finding] = findingsOf(await runCheck(sidecarRunning, facts))
    expect(finding).toMatchObject({
      code: 'grafana/sidecar-crashing',
      because: expect.stringContaining('METHOD is LIST'),
      fixes: [{ id: 'let-watch' }, { id: 'see-sidecar-log' }],
    })
    expect(finding?.evidence.map(({ actual }) => actual)).toContain('LIST')
  })

  it.each<[string, ReturnType<typeof grafana>, Partial<Looked>, object]>([
    ['of its chart', grafana(), {}, { set: { automountServiceAccountToken: true } }],
    [
      'of kube-prometheus-stack',
      grafana(),
      { prometheuses: all(stackPrometheus) },
      { set: { 'grafana.automountServiceAccountToken': true } },
    ],
    ['by hand', plain(grafana()), {}, { commands: [expect.stringContaining('patch deployment kps-grafana')] }],
  ])('sees that there is no token, and gives it: %s', async (_, of, given, step) => {
    const one = pod(of.workload, 'a', { 'grafana-sc-dashboard': crashing })
    const grafanaPods = all({ ...one, spec: { ...one.spec, automountServiceAccountToken: false } })
    const facts = unloadedFacts({ grafanas: all(of), grafanaPods, ...given })
    expect(findingsOf(await runCheck(sidecarRunning, facts))[0]).toMatchObject({
      because: expect.stringContaining('no ServiceAccount token') as string,
      evidence: [{}, { path: 'spec.automountServiceAccountToken', actual: 'false' }],
      fixes: [{ id: 'give-token', at: 'source', steps: [step] }, { id: 'see-sidecar-log' }],
    })
  })

  it('tells where to look where nothing is known of the reason', async () => {
    const [finding] = findingsOf(await runCheck(sidecarRunning, unloadedFacts(is(crashing))))
    expect(finding?.fixes.map(({ id }) => id)).toEqual(['see-sidecar-log'])
  })

  it('quotes the line that tells', async () => {
    const facts = unloadedFacts({
      ...is(crashing),
      sidecarLogs: all({
        grafana: refOf(grafana().workload),
        container: 'grafana-sc-dashboard',
        lines: ['a', 'ERROR  first', 'bye', ''],
      }),
    })
    expect(findingsOf(await runCheck(sidecarRunning, facts))[0]?.evidence[1]?.actual).toBe('ERROR first')
  })
})

describe('grafana-dashboard-loaded', () => {
  const b = grafana(settings, { name: 'b' })
  it.each<[string, Partial<Looked>, string]>([
    ['not there', {}, 'failed grafana/dashboard-not-loaded'],
    [
      'in one of two',
      { grafanas: all(grafana(), b), loadedDashboards: all(loaded(grafana(), false), loaded(b, true)) },
      'passed',
    ],
    ['in none of two', { grafanas: all(grafana(), b) }, 'failed grafana/dashboard-not-loaded'],
    [
      'one of two gave no answer',
      {
        grafanas: all(grafana(), b),
        loadedDashboards: { items: [loaded(grafana(), false)], unread: [forbidden('dashboards')] },
      },
      'unknown',
    ],
    ['no answer', { loadedDashboards: all() }, 'unknown'],
    noOperator,
    noGrafana,
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(dashboardLoaded, unloadedFacts(change)))).toBe(wanted)
  })

  it('is unknown where nobody can say how long the sidecar sleeps, unless no file is on its way', async () => {
    const { sidecar, ...rest } = set({ METHOD: 'SLEEP' })
    const grafanas = all({ ...rest, sidecar: sidecar && { ...sidecar, unreadable: ['SLEEP_TIME'] } })
    const outcome = await runCheck(dashboardLoaded, unloadedFacts({ grafanas }))
    expect(outcome).toMatchObject({
      outcome: 'unknown',
      unknown: [{ reason: expect.stringContaining('pauses cannot be read from its pod template (SLEEP_TIME)') }],
    })
    expect(summary(await runCheck(dashboardLoaded, unloadedFacts({ grafanas, ...none })))).toBe(
      'failed grafana/dashboard-not-loaded',
    )
  })

  it.each([
    ['true', ['see-grafana-log', 'touch-dashboard', 'restart-grafana'], /passes over what has not changed/],
    ['no', ['see-grafana-log', 'restart-grafana'], /may have refused the file/],
  ])('knows that a file may be forgotten with IGNORE_ALREADY_PROCESSED %s', async (value, fixes, because) => {
    const facts = unloadedFacts({ grafanas: all(set({ IGNORE_ALREADY_PROCESSED: value })) })
    const [finding] = findingsOf(await runCheck(dashboardLoaded, facts))
    expect(finding?.fixes.map(({ id }) => id)).toEqual(fixes)
    expect(finding?.because).toMatch(because)
  })

  it.each([
    ['for as long as Grafana does not look', {}, 'pending grafana/dashboard-not-loaded'],
    [
      'no longer where the sidecar calls it',
      { REQ_URL: 'http://localhost:3000/x' },
      'failed grafana/dashboard-not-loaded',
    ],
  ])('counts the dashboard as on its way: %s', async (_, env, wanted) => {
    const file = boardFile({ creationTimestamp: '2026-05-01T11:50:00Z' })
    const providers = [{ path: '/tmp/boards', seconds: 600, ref: refOf(file) }]
    const dashboardProviders = all({ grafana: refOf(grafana().workload), providers })
    const facts = unloadedFacts({ grafanas: all(set(env)), dashboardFiles: files(file), dashboardProviders })
    expect(summary(await runCheck(dashboardLoaded, facts))).toBe(wanted)
  })

  it('passes where Grafana has it', async () => {
    expect(summary(await runCheck(dashboardLoaded, healthyFacts()))).toBe('passed')
  })

  it('is unknown where Grafana refuses the login', async () => {
    expect(summary(await runCheck(dashboardLoaded, healthyFacts(), { unavailable: ['loadedDashboards'] }))).toBe(
      'unknown',
    )
  })

  it('leaves nothing open where every Grafana has answered', async () => {
    expect(await runCheck(dashboardLoaded, unloadedFacts())).toMatchObject({ outcome: 'failed', unknown: [] })
  })

  it('is about everything that could be the cause', async () => {
    const [finding] = findingsOf(await runCheck(dashboardLoaded, unloadedFacts()))
    expect(finding?.about).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'Deployment', name: 'kps-grafana' }),
        expect.objectContaining({ kind: 'ConfigMap', namespace: 'dashboards', name: 'operator-board' }),
        expect.objectContaining({ kind: 'ConfigMap', namespace: 'observability', name: 'grafana-operator-dashboard' }),
      ]),
    )
    expect(finding?.fixes.map(({ risk }) => risk)).toEqual(['manual', 'disruptive'])
  })
})

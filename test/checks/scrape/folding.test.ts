import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { diagnose } from '../../../src/diagnose.ts'
import type { CheckOutcome } from '../../../src/model/check.ts'
import type { Facts } from '../../../src/model/facts.ts'
import { prometheus, serviceMonitor } from '../../engine/world.ts'
import {
  access,
  all,
  down,
  droppedTarget,
  healthyFacts,
  idleShard,
  read,
  runCheck,
  scraping,
  series,
  shard,
  state,
  target,
} from '../healthy-facts.ts'
import {
  chain,
  labelled,
  operatorPod,
  prometheusOperator,
  prometheusPod,
  service,
  withEndpoint,
  withSpec,
} from '../stack/healthy-chain.ts'
import { denyAll } from './policies.ts'

const codes = Object.assign({}, ...checks.map(check => check.codes))
const links = checks.filter(({ area }) =>
  ['stack', 'operator', 'service', 'monitor', 'scrape', 'metrics'].includes(area),
)

/** Each cause with what it explains, as the report shows it. Infos and what was not read are left out. */
const causes = async (overrides: Partial<Facts>): Promise<readonly string[]> => {
  const facts = healthyFacts(overrides)
  const outcomes = await Promise.all(
    links.map(
      async (check): Promise<CheckOutcome> => ({
        id: check.id,
        area: check.area,
        title: check.title,
        result: await runCheck(check, facts),
      }),
    ),
  )
  return diagnose(outcomes, codes)
    .causes.filter(({ root }) => root.severity !== 'info')
    .map(({ root, explains }) => [root.code, ...explains.map(({ code }) => code)].join(' < '))
}

const noSeries = { series: all(series([])) }
const noJob = { ...scraping(idleShard({ pools: read([]) })), ...noSeries }
const noTarget = { ...scraping(idleShard()), ...noSeries }
const allDropped = { ...scraping(idleShard({ dropped: read([droppedTarget()]) })), ...noSeries }
const targetDown = (lastError: string) => ({ ...scraping(shard({ active: read([down(lastError)]) })), ...noSeries })

const endpoint = serviceMonitor.spec?.endpoints?.[0] ?? {}

const late = withEndpoint({ ...endpoint, scrapeTimeout: '40s' })
const dropping = withEndpoint({
  ...endpoint,
  relabelings: [{ action: 'drop', sourceLabels: ['namespace'], regex: 'inference' }],
})
const metricsPath = { verb: 'get', path: '/metrics' } as const
const selectingNothing = { ...service, spec: { ...service.spec, selector: { 'control-plane': 'manager' } } }
const notReady = {
  operatorPods: all({
    ...operatorPod,
    status: { ...operatorPod.status, conditions: [{ type: 'Ready', status: 'False' }] },
  }),
}
const justMade = {
  ...serviceMonitor,
  metadata: { ...serviceMonitor.metadata, creationTimestamp: '2026-11-22T09:59:00Z' },
}
const noMetrics = { action: 'drop', sourceLabels: ['__name__'], regex: '(?:dynamo_operator|controller_runtime)_.*' }

describe('what follows from a cause is folded beneath it', () => {
  test.each<[what: string, overrides: Partial<Facts>, wanted: readonly string[]]>([
    ['nothing is wrong', {}, []],
    [
      'the labels do not match',
      { ...noJob, serviceMonitors: all(labelled({ release: 'other' })) },
      ['monitor/label-mismatch < scrape/config-not-written < scrape/not-discovered < metrics/absent'],
    ],
    [
      'prometheus-operator does not run',
      { ...noJob, prometheusOperators: all(prometheusOperator([], 0)) },
      ['stack/operator-not-running < scrape/config-not-written < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the Prometheus object is paused',
      { ...noJob, prometheuses: all(withSpec({ paused: true })) },
      ['stack/prometheus-paused < scrape/config-not-written < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the ServiceMonitor is rejected',
      { ...noJob, serviceMonitors: all(late) },
      ['monitor/rejected-timeout < scrape/config-not-written < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the job is missing, and nothing says why',
      noJob,
      ['scrape/config-not-written < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the configuration is refused',
      {
        ...scraping(
          idleShard({
            pools: read([]),
            runtime: read({ reloadConfigSuccess: false, lastConfigTime: '2026-11-21T10:00:00Z' }),
          }),
        ),
        ...noSeries,
      },
      ['scrape/reload-failing < scrape/config-not-written < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the account may not discover',
      { ...noTarget, scrapeAccess: all(access({ verb: 'list', resource: 'pods', namespace: 'inference' })) },
      ['scrape/discovery-forbidden < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the port is another one',
      { ...allDropped, serviceMonitors: all(withEndpoint({ ...endpoint, port: 'https' })) },
      ['monitor/port-mismatch < scrape/all-dropped < metrics/absent'],
    ],
    [
      'a policy keeps Prometheus out: silence',
      { ...targetDown('context deadline exceeded'), networkPolicies: all(denyAll) },
      ['scrape/network-policy < scrape/timeout < metrics/absent'],
    ],
    [
      'a policy keeps Prometheus out: a refused connection',
      { ...targetDown('connect: connection refused'), networkPolicies: all(denyAll) },
      ['scrape/network-policy < scrape/connection-refused < metrics/absent'],
    ],
    [
      'a policy that this network does not enforce',
      { ...targetDown('x509: certificate has expired'), networkPolicies: all(denyAll) },
      ['scrape/tls < metrics/absent'],
    ],
    [
      'the account may not read',
      targetDown('server returned HTTP status 403 Forbidden'),
      ['scrape/forbidden < scrape/down < metrics/absent'],
    ],
    [
      'no token is taken',
      targetDown('server returned HTTP status 401 Unauthorized'),
      ['scrape/unauthorized < scrape/down < metrics/absent'],
    ],
    [
      'nothing listens',
      targetDown('dial tcp 10.0.0.7:8080: connect: connection refused'),
      ['scrape/connection-refused < metrics/absent'],
    ],
    [
      'the certificate cannot be verified',
      targetDown('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
      ['scrape/tls < metrics/absent'],
    ],
    [
      'the last change is on its way',
      { ...noJob, serviceMonitors: all(justMade) },
      ['scrape/reload-pending < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the last change is on its way, and there would be nothing to scrape',
      { ...noTarget, ...notReady, serviceMonitors: all(justMade) },
      [
        'operator/not-ready < service/endpoints-not-ready < scrape/reload-pending < scrape/not-discovered < metrics/absent',
      ],
    ],
    [
      'the first scrape is still to come',
      { ...scraping(shard({ active: read([target({ health: 'unknown' })]) })), ...noSeries },
      ['scrape/not-scraped-yet < metrics/absent'],
    ],
    ['another server answers', noSeries, ['metrics/absent']],
    [
      'the labels do not match, and it would be rejected',
      { ...noJob, serviceMonitors: all({ ...late, metadata: labelled({ release: 'other' }).metadata }) },
      [
        'monitor/label-mismatch < scrape/config-not-written < scrape/not-discovered < metrics/absent',
        'monitor/rejected-timeout',
      ],
    ],
    [
      'the labels do not match, and a relabeling would drop every target',
      { ...noJob, serviceMonitors: all({ ...dropping, metadata: labelled({ release: 'other' }).metadata }) },
      [
        'monitor/label-mismatch < scrape/config-not-written < scrape/not-discovered < metrics/absent',
        'scrape/all-dropped',
      ],
    ],
    [
      'the selector is another one, and a relabeling would drop every target',
      {
        ...scraping(
          idleShard({ dropped: read([droppedTarget({ __meta_kubernetes_service_label_control_plane: 'planner' })]) }),
        ),
        ...noSeries,
        serviceMonitors: all({
          ...serviceMonitor,
          spec: { ...dropping.spec, selector: { matchLabels: { 'control-plane': 'manager' } } },
        }),
      },
      ['monitor/selector-mismatch < scrape/all-dropped < metrics/absent', 'scrape/all-dropped'],
    ],
    [
      'the selector and the port are others',
      {
        ...noTarget,
        serviceMonitors: all({
          ...serviceMonitor,
          spec: {
            endpoints: [{ ...endpoint, port: 'https' }],
            selector: { matchLabels: { 'control-plane': 'manager' } },
          },
        }),
      },
      ['monitor/port-mismatch < scrape/not-discovered < metrics/absent', 'monitor/selector-mismatch'],
    ],
    [
      'the Service selects nothing, and the account may not read',
      { ...noTarget, chains: all(chain({ service: selectingNothing })), scrapeAccess: all(access(metricsPath)) },
      ['service/selects-nothing < scrape/not-discovered < metrics/absent', 'scrape/forbidden'],
    ],
    [
      'the Service selects nothing, and what Prometheus still knows of before refuses it',
      {
        ...targetDown('server returned HTTP status 403 Forbidden'),
        chains: all(chain({ service: selectingNothing })),
      },
      ['service/selects-nothing < scrape/forbidden < scrape/down < metrics/absent'],
    ],
    [
      'the pod is not ready, and nothing listens',
      { ...targetDown('connect: connection refused'), ...notReady },
      ['operator/not-ready < service/endpoints-not-ready < scrape/connection-refused < metrics/absent'],
    ],
    [
      'the pod is not ready, and answers all the same: its certificate cannot be verified',
      { ...targetDown('x509: certificate signed by unknown authority'), ...notReady },
      ['operator/not-ready < service/endpoints-not-ready < metrics/absent', 'scrape/tls'],
    ],
    [
      'the pod is not ready, and answers all the same: no token is taken',
      { ...targetDown('server returned HTTP status 401 Unauthorized'), ...notReady },
      ['operator/not-ready < service/endpoints-not-ready < scrape/down < metrics/absent', 'scrape/unauthorized'],
    ],
    [
      'the pod is not ready, and cannot have tokens checked',
      { ...targetDown('server returned HTTP status 500 Internal Server Error'), ...notReady },
      ['operator/not-ready < service/endpoints-not-ready < scrape/unauthorized < scrape/down < metrics/absent'],
    ],
    [
      'a relabeling drops every target, and Prometheus keeps none of what it dropped',
      { ...noTarget, serviceMonitors: all(dropping) },
      ['scrape/all-dropped < scrape/not-discovered < metrics/absent'],
    ],
    [
      'the job is rejected, and a metricRelabeling would drop the metrics',
      {
        ...noJob,
        serviceMonitors: all(withEndpoint({ ...late.spec?.endpoints?.[0], metricRelabelings: [noMetrics] })),
      },
      [
        'monitor/rejected-timeout < scrape/config-not-written < scrape/not-discovered < metrics/absent',
        'metrics/dropped',
      ],
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(await causes(overrides)).toEqual(wanted)
  })

  test('a fault of one Prometheus explains nothing of another', async () => {
    const edge = { ...withSpec({ paused: true }), metadata: { ...prometheus.metadata, name: 'edge' } }
    const withoutJob = idleShard({ pools: read([]) })
    const facts = {
      ...noSeries,
      prometheuses: all(prometheus, edge),
      prometheusStates: all(state(prometheus, withoutJob), state(edge, withoutJob)),
      prometheusPods: all(prometheusPod('kps'), prometheusPod('edge')),
    }
    expect(await causes(facts)).toEqual([
      'stack/prometheus-paused < scrape/config-not-written < scrape/not-discovered < metrics/absent',
      'scrape/config-not-written < scrape/not-discovered',
    ])
  })
})

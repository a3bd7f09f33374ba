import { type Resolved, resolvePrometheus } from '../../grafana/data-source-address.ts'
import { isPrometheus, speaksPromql, usedDataSources } from '../../grafana/used-data-sources.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Unknown } from '../../model/check.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { DataSource, Grafana, GrafanaDataSources, LoadedDashboards } from '../../model/grafana.ts'
import type { Namespace, Pod, Prometheus, Service, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { SeriesOfChain } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, unreadIn } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'

export const dataSource = defineCheck({
  id: 'grafana-data-source',
  title: 'Grafana’s data source is the Prometheus that scrapes the operator',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dataSources'],
  wants: [
    'dataSourceServices',
    'prometheuses',
    'prometheusPods',
    'series',
    'serviceMonitors',
    'namespaces',
    'loadedDashboards',
  ],
  codes: {
    'grafana/datasource-missing': {
      title: 'Grafana has no Prometheus data source',
      severity: 'error',
      causedBy: ['stack/grafana-not-ready'],
    },
    'grafana/datasource-mismatch': {
      title: 'Grafana’s data source leads to another Prometheus than the one that scrapes the operator',
      severity: 'warning',
    },
  },
  run({ chains, grafanas, dataSources, dataSourceServices, loadedDashboards, ...found }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.length === 0) return none('no Grafana was found', grafanas)
    const holders = holdersOf(chains, found)
    const context: Context = {
      services: itemsIn(dataSourceServices),
      prometheuses: itemsIn(found.prometheuses),
      pods: itemsIn(found.prometheusPods),
      holders,
      unread: [dataSourceServices, found.prometheuses, found.prometheusPods].flatMap(unreadIn),
    }
    const showing = grafanas.items.filter(grafana => shows(grafana, loadedDashboards))
    const judged = (showing.length > 0 ? showing : grafanas.items).map(grafana =>
      judge(grafana, dataSources, loadedDashboards, context),
    )
    const nothing = holders.ok && holders.value.length === 0
    if (nothing && judged.every(({ finding }) => finding?.code !== 'grafana/datasource-missing'))
      return { notApplicable: 'no Prometheus has the operator’s metrics' }
    const good = judged.filter(({ outcome }) => outcome === 'good')
    if (good.length === 0 && judged.every(({ outcome }) => outcome === 'incomparable'))
      return { notApplicable: `${incomparable} ${judged.flatMap(({ asks = [] }) => asks).join(', ')}` }
    return {
      findings: good.length > 0 ? [] : judged.flatMap(({ finding }) => (finding ? [finding] : [])),
      unknown: good.length > 0 ? [] : judged.flatMap(({ unknown }) => (unknown ? [unknown] : [])),
      notes: good.map(({ grafana }) => formatRef(refOf(grafana.workload))),
    }
  },
})

interface Context {
  readonly services: readonly Service[]
  readonly prometheuses: readonly Prometheus[]
  readonly pods: readonly Pod[]
  /** The Prometheuses that have the operators' metrics. */
  readonly holders: Read<readonly ObjectRef[]>
  readonly unread: Unknown['missing']
}

interface Judged {
  readonly grafana: Grafana
  readonly outcome: 'good' | 'bad' | 'open' | 'incomparable'
  /** What cannot be compared. */
  readonly asks?: readonly string[]
  readonly finding?: Finding<'grafana/datasource-missing' | 'grafana/datasource-mismatch'>
  readonly unknown?: Unknown
}

const judge = (
  grafana: Grafana,
  dataSources: Listing<GrafanaDataSources>,
  loaded: Read<Listing<LoadedDashboards>>,
  context: Context,
): Judged => {
  const open = (reason: string, missing: Unknown['missing'] = []): Judged => ({
    grafana,
    outcome: 'open',
    unknown: { missing, reason },
  })
  const name = formatRef(refOf(grafana.workload))
  const told = dataSources.items.find(one => sameObject(one.grafana, refOf(grafana.workload)))
  if (!told) return open(`which data sources ${name} has`, dataSources.unread)
  if (told.from === 'api' && !told.sources.some(speaksPromql))
    return { grafana, outcome: 'bad', finding: missing(grafana, told, context) }
  const used = usedDataSources(told.sources, uidsOf(grafana, loaded))
  if (used.length === 0) return open(`which Prometheus ${name} asks: its data sources are of other kinds`)
  if (context.holders.ok && context.holders.value.length > 0 && context.holders.value.every(isAddress))
    return { grafana, outcome: 'incomparable', asks: used.map(({ url, name: source }) => url ?? source) }
  const resolved = used.map(source => ({ source, ...resolve(source, grafana, context) }))
  const unresolved = resolved.find(one => 'unresolved' in one)
  if (unresolved && 'unresolved' in unresolved)
    return open(
      `which Prometheus the data source ${unresolved.source.name} of ${name} leads to: ${unresolved.unresolved}`,
      context.unread,
    )
  if (!context.holders.ok) return open('which Prometheus has the operator’s metrics', [context.holders.unavailable])
  const wrong = resolved.find(
    one => 'prometheuses' in one && !one.prometheuses.some(object => isHolder(context, object)),
  )
  return wrong && 'prometheuses' in wrong
    ? { grafana, outcome: 'bad', finding: mismatch(grafana, wrong.source, wrong.prometheuses, context) }
    : { grafana, outcome: 'good' }
}

const resolve = (source: DataSource, { workload }: Grafana, context: Context): Resolved => {
  if (!isPrometheus(source)) return { unresolved: `it is of type ${source.type}` }
  if (source.access === 'direct') return { unresolved: 'the user’s browser asks it, not Grafana' }
  if (source.url === undefined) return { unresolved: 'its address is not known' }
  return resolvePrometheus(source.url, workload.metadata.namespace ?? 'default', context)
}

/** One that --prometheus-url named, which is no object: what it stands for, or before, is not known. */
const isAddress = ({ kind, namespace }: ObjectRef): boolean => kind === 'Prometheus' && namespace === undefined

const incomparable = 'the operator’s metrics were asked for at an address, and nothing tells whether it stands for'

const isHolder = ({ holders }: Context, object: Prometheus): boolean =>
  holders.ok && holders.value.some(holder => sameObject(holder, refOf(object)))

interface HolderFacts {
  readonly series: Read<Listing<SeriesOfChain>>
  readonly prometheuses: Read<Listing<Prometheus>>
  readonly serviceMonitors: Read<Listing<ServiceMonitor>>
  readonly namespaces: Read<Listing<Namespace>>
}

/** By their own answer; of manifests, those that select a ServiceMonitor of a chain. */
const holdersOf = (chains: Listing<Chain>, found: HolderFacts): Read<readonly ObjectRef[]> => {
  const { series, prometheuses, serviceMonitors, namespaces } = found
  if (series.ok) {
    const holders = series.value.items.filter(({ families }) => families.length > 0).map(({ prometheus }) => prometheus)
    const [unavailable] = series.value.unread
    return unavailable && holders.length === 0 ? { ok: false, unavailable } : { ok: true, value: holders }
  }
  if (series.unavailable.why !== 'not-live' || !prometheuses.ok) return series
  const selecting = concernedPrometheuses({
    prometheuses: prometheuses.value,
    chains: { ok: true, value: chains },
    serviceMonitors,
    namespaces,
  })
  return { ok: true, value: selecting.map(refOf) }
}

const answersOf = ({ workload }: Grafana, loaded: Read<Listing<LoadedDashboards>>) =>
  itemsIn(loaded)
    .filter(({ grafana }) => sameObject(grafana, refOf(workload)))
    .flatMap(({ dashboards }) => dashboards)

const shows = (grafana: Grafana, loaded: Read<Listing<LoadedDashboards>>): boolean =>
  answersOf(grafana, loaded).some(({ found }) => found)

const uidsOf = (grafana: Grafana, loaded: Read<Listing<LoadedDashboards>>): readonly string[] =>
  answersOf(grafana, loaded).flatMap(({ dataSourceUids = [] }) => dataSourceUids)

const verify = ['grafana-data-source']

const missing = (
  grafana: Grafana,
  { sources }: GrafanaDataSources,
  context: Context,
): Finding<'grafana/datasource-missing'> => {
  const subject = refOf(grafana.workload)
  return {
    code: 'grafana/datasource-missing',
    subject,
    about: [],
    message: `${formatRef(subject)} has no Prometheus data source: every panel of the dashboard stays empty`,
    evidence: [
      {
        ref: subject,
        path: '/api/datasources',
        expected: 'one of type prometheus',
        actual: sources.length === 0 ? 'none' : sources.map(({ name, type }) => `${name} (${type})`).join(', '),
      },
    ],
    because:
      'the Grafana chart on its own brings none; kube-prometheus-stack brings one in a ConfigMap, unless that is switched off or was deleted',
    fixes: [provide(grafana, context)],
  }
}

/**
 * A ConfigMap of our own that Grafana's own sidecar fetches, where it has one; data sources are not polled otherwise. The
 * next upgrade may bring the chart's own back: two defaults, or two of one name or uid, keep Grafana from starting.
 */
const provide = ({ workload, dataSourceSidecar }: Grafana, context: Context): Fix => {
  const [prometheus] = preferred(context)
  const label = dataSourceSidecar?.settings.LABEL
  if (!prometheus || !label || isSharded(prometheus))
    return {
      id: 'add-data-source',
      title: 'Add a Prometheus data source',
      risk: 'manual',
      at: 'source',
      steps: [
        {
          do: 'tell',
          text: `In the values of Grafana’s chart, under datasources, or in Grafana itself: type prometheus, url ${prometheus ? whereOf(prometheus, context) : 'of the Service before Prometheus'}.`,
        },
      ],
      lasts: 'Yes, when it is in the values; in Grafana itself, as long as its database lives.',
      verify,
    }
  const { namespace = 'default', name } = workload.metadata
  return {
    id: 'add-data-source',
    title: 'Add a ConfigMap with a Prometheus data source, which the sidecar fetches',
    // Grafana is shared: from then on everybody there has it.
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'apply',
        manifest: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {
            namespace,
            name: `${name}-prometheus-datasource`,
            labels: {
              'app.kubernetes.io/managed-by': 'dynamo-metrics',
              [label]: dataSourceSidecar?.settings.LABEL_VALUE || '1',
            },
          },
          data: {
            'prometheus-datasource.yaml': [
              'apiVersion: 1',
              'datasources:',
              '  - name: Prometheus (dynamo-metrics)',
              '    type: prometheus',
              '    uid: dynamo-metrics-prometheus',
              `    url: ${addressOf(prometheus, context)}`,
              '    access: proxy',
              '',
            ].join('\n'),
          },
        },
      },
    ],
    lasts: 'Yes: no release owns it, and it is no default, so it stands beside the chart’s own where that comes back.',
    verify,
  }
}

const mismatch = (
  grafana: Grafana,
  source: DataSource,
  prometheuses: readonly Prometheus[],
  context: Context,
): Finding<'grafana/datasource-mismatch'> => {
  const subject = refOf(grafana.workload)
  const refs = context.holders.ok ? context.holders.value : []
  const holders = refs.map(formatRef).join(', ')
  const where = source.ref ?? subject
  return {
    code: 'grafana/datasource-mismatch',
    subject,
    about: [...prometheuses.map(refOf), ...refs, ...(source.ref ? [source.ref] : [])],
    message: `The data source ${source.name} of ${formatRef(subject)} asks ${prometheuses.map(object => formatRef(refOf(object))).join(', ')}, and the operator’s metrics are in ${holders}`,
    evidence: [
      {
        ref: where,
        path: source.ref ? 'data' : '/api/datasources',
        expected: `the address of ${holders}`,
        actual: `${source.url}`,
      },
    ],
    because:
      'there are several Prometheuses in this cluster, and Grafana and the ServiceMonitor went to different ones',
    fixes: [redirect(source, context)],
  }
}

const redirect = (source: DataSource, context: Context): Fix => {
  const [holder] = preferred(context)
  return {
    id: 'change-data-source',
    title: 'Point the data source at the Prometheus that has the metrics, or add one that does',
    risk: 'manual',
    at: 'source',
    steps: [
      {
        do: 'tell',
        text: `Where the data source ${source.name} is set (for kube-prometheus-stack the value grafana.sidecar.datasources.url), the address is ${holder ? whereOf(holder, context) : 'that of the other Prometheus'}. A data source beside it will do too: the dashboard lets its readers choose. Or have the ServiceMonitor scraped by the Prometheus that Grafana asks.`,
      },
    ],
    lasts: 'Yes, when it is changed where the data source is kept.',
    verify,
  }
}

/** Those that have the metrics before all others. */
const preferred = (context: Context): readonly Prometheus[] =>
  context.prometheuses
    .filter(({ kind }) => kind === 'Prometheus')
    .toSorted((a, b) => Number(isHolder(context, b)) - Number(isHolder(context, a)))

const isSharded = ({ spec }: Prometheus): boolean => (spec?.shards ?? 1) > 1

/** Each shard holds the targets that fell to it: no address of prometheus-operator's answers for all. */
const whereOf = (prometheus: Prometheus, context: Context): string =>
  isSharded(prometheus)
    ? `that of a query layer over all ${prometheus.spec?.shards} shards of ${formatRef(refOf(prometheus))}, such as Thanos Query`
    : addressOf(prometheus, context)

/**
 * prometheus-operator puts this Service before every Prometheus of a namespace. Where that would mix several, a pod’s
 * own name before it picks one.
 */
const addressOf = ({ metadata, spec }: Prometheus, { prometheuses }: Context): string => {
  const isAlone = prometheuses.filter(other => other.metadata.namespace === metadata.namespace).length === 1
  const pod = isAlone ? '' : `prometheus-${metadata.name}-0.`
  return `${spec?.web?.tlsConfig ? 'https' : 'http'}://${pod}prometheus-operated.${metadata.namespace}.svc:9090${spec?.routePrefix ?? '/'}`
}

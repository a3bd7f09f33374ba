import { doubtedFamilies } from '../dynamo/dashboard-families.ts'
import { dashboardText } from '../grafana/dashboard-json.ts'
import { dashboardQueries } from '../grafana/dashboard-queries.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import type { Chain } from '../model/chain.ts'
import type {
  DashboardFile,
  DashboardQuery,
  DoubtfulFamily,
  LoadedDashboards,
  QueriedFamilies,
} from '../model/grafana.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { itemsIn, type Listing, type Read, unreadIn } from '../model/read.ts'
import { parseVector } from '../prometheus/api.ts'
import { ask } from './ask-prometheus.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { prometheusesToAsk } from './prometheuses-to-ask.ts'

/**
 * What the chains' dashboards ask Prometheus for, and whether Prometheus has what the operator should not have. The
 * grammar is loaded only where a dashboard is there to be read; Prometheus is asked only where something is in doubt.
 */
export const queriedFamilies: FactReader<'queriedFamilies'> = async context => {
  const [chains, files] = await Promise.all([context.fact('chains'), context.fact('dashboardFiles')])
  if (!chains.ok) return chains
  const held = itemsIn(files)
  const loaded = held.length === 0 ? await context.fact('loadedDashboards') : undefined
  const asked = groupsOf(chains.value.items).flatMap(group => sourceOf(group, held, loaded))
  const unread = [files, ...(loaded ? [loaded] : [])].flatMap(unreadIn)
  if (asked.length === 0) return files.ok ? { ok: true, value: { items: [], unread } } : files
  const [{ parsePromql }, { promqlFamilies }, { plainlySummed }] = await Promise.all([
    import('../grafana/parse-promql.ts'),
    import('../grafana/promql-families.ts'),
    import('../grafana/plainly-summed.ts'),
  ])
  const items = await Promise.all(
    asked.map(async ({ group, queries, ...place }): Promise<QueriedFamilies> => {
      const expressions = new Set(queries.map(({ expression }) => expression))
      const parsed = new Map(
        [...expressions].map(expression => {
          const promql = parsePromql(expression)
          return [expression, { families: promqlFamilies(promql), summed: plainlySummed(promql) }]
        }),
      )
      const read = queries.map(query => ({ ...query, families: null, summed: [], ...parsed.get(query.expression) }))
      const names = read.flatMap(({ families }) => families ?? [])
      const doubtful = await Promise.all(
        doubtedByAll(group, names).map(
          async (family): Promise<DoubtfulFamily> => ({ ...family, found: await has(context, family.name) }),
        ),
      )
      return { chains: group.map(({ id }) => id), ...place, queries: read, doubtful }
    }),
  )
  return { ok: true, value: { items, unread } }
}

/** Several operators share one dashboard: a family that one of them has is in no doubt. */
const doubtedByAll = (group: readonly Chain[], names: readonly string[]) =>
  group
    .map(({ contract }) => doubtedFamilies(contract, names))
    .reduce((all, one) => all.filter(({ name }) => one.some(family => family.name === name)))

const groupsOf = (chains: readonly Chain[]): readonly (readonly Chain[])[] => {
  const uids = [...new Set(chains.map(({ dashboard }) => dashboard.uid))]
  return uids.map(uid => chains.filter(({ dashboard }) => dashboard.uid === uid))
}

interface Source {
  readonly group: readonly Chain[]
  readonly source: ObjectRef
  readonly key?: string
  readonly queries: readonly DashboardQuery[]
}

/** The first file that can be read, for a broken one is dashboard/invalid-json's matter; else what a Grafana shows. */
const sourceOf = (
  group: readonly Chain[],
  files: readonly DashboardFile[],
  loaded: Read<Listing<LoadedDashboards>> | undefined,
): readonly Source[] => {
  const expected = group[0]?.dashboard
  if (!expected) return []
  const held = files
    .filter(({ chain }) => group.some(({ id }) => id === chain))
    .flatMap(({ configMap }) => {
      const file = dashboardText(configMap, expected)
      const dashboard = file && parsedJson(file.text)
      return file === undefined || dashboard === undefined
        ? []
        : [{ group, source: refOf(configMap), key: file.key, queries: dashboardQueries(dashboard) }]
    })
  const shown = (loaded?.ok ? loaded.value.items : []).flatMap(({ grafana, dashboards }) =>
    dashboards
      .filter(({ uid }) => uid === expected.uid)
      .flatMap(({ queries }) => (queries ? [{ group, source: grafana, queries }] : [])),
  )
  return [...held, ...shown].slice(0, 1)
}

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** In one of the Prometheuses, under its name or, as histograms have it, with `_count` behind. */
const has = async (context: ReadContext, family: string): Promise<Read<boolean>> => {
  const asked = await prometheusesToAsk(context)
  if (!asked.ok) return asked
  const shards = asked.value.flatMap(prometheus => prometheus.shards)
  const query = `count({__name__=~"${family}|${family}_count"})`
  const answers = await Promise.all(
    shards.map(shard => ask(context, shard, `/api/v1/query?query=${encodeURIComponent(query)}`, parseVector)),
  )
  if (answers.some(answer => answer.ok && answer.value.length > 0)) return { ok: true, value: true }
  const refused = answers.find(answer => !answer.ok)
  if (refused && !refused.ok) return refused
  return answers.length > 0 ? { ok: true, value: false } : nobodyToAsk
}

const nobodyToAsk: Read<never> = {
  ok: false,
  unavailable: { why: 'unreachable', verb: 'get', resource: 'pods/proxy', message: 'no Prometheus is there to ask' },
}

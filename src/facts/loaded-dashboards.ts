import { parseDashboardAnswer, parseNamesakes } from '../grafana/api.ts'
import { dashboardText, judgeDashboardText } from '../grafana/dashboard-json.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import type { ExpectedDashboard } from '../model/chain.ts'
import type { Grafana, LoadedDashboard, LoadedDashboards } from '../model/grafana.ts'
import type { Pod } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import { type AskGrafana, askGrafana } from './ask-grafana.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'

/** Grafana's own answer on whether it has the dashboards. One try each: a second wrong login may lock the account. */
export const loadedDashboards: FactReader<'loadedDashboards'> = async context => {
  const [chains, grafanas, pods] = await Promise.all([
    context.fact('chains'),
    context.fact('grafanas'),
    context.fact('grafanaPods'),
  ])
  if (!chains.ok) return chains
  if (!grafanas.ok) return grafanas
  if (!pods.ok) return pods
  const expected = [...new Map(chains.value.items.map(({ dashboard }) => [dashboard.uid, dashboard])).values()]
  return together(
    await Promise.all(grafanas.value.items.map(grafana => loadedIn(context, grafana, pods.value.items, expected))),
  )
}

const loadedIn = async (
  context: ReadContext,
  grafana: Grafana,
  pods: readonly Pod[],
  expected: readonly ExpectedDashboard[],
): Promise<Read<readonly LoadedDashboards[]>> => {
  const ask = askGrafana(context, grafana, pods)
  if (!ask) return { ok: true, value: [] }
  const answers = await Promise.all(expected.map(dashboard => askFor(context, ask, dashboard)))
  const refused = answers.find(answer => !answer.ok)
  if (refused && !refused.ok) return refused
  return {
    ok: true,
    value: [
      { grafana: refOf(grafana.workload), dashboards: answers.flatMap(answer => (answer.ok ? [answer.value] : [])) },
    ],
  }
}

const askFor = async (
  context: ReadContext,
  ask: AskGrafana,
  expected: ExpectedDashboard,
): Promise<Read<LoadedDashboard>> => {
  const answer = await byUid(ask, expected.uid)
  if (!answer.ok || answer.value.found) return answer
  const [namesakes, files] = await Promise.all([namesakesOf(ask, expected.title), filesOf(context, expected)])
  const own = namesakes.find(one => files.some(file => isFrom(file, one)))
  if (own) return { ok: true, value: { ...own, uid: expected.uid, shownAs: own.uid } }
  return {
    ok: true,
    value: {
      ...answer.value,
      namesakes: namesakes.map(({ uid, provisionedFrom }) => ({ uid, provisionedFrom })),
    },
  }
}

interface HeldFile {
  readonly key: string
  readonly uid?: string
}

/** The files of this dashboard, as our ConfigMaps hold them. */
const filesOf = async (context: ReadContext, expected: ExpectedDashboard): Promise<readonly HeldFile[]> => {
  const holding = await context.fact('dashboardFiles')
  const configMaps = holding.ok ? holding.value.items.map(({ configMap }) => configMap) : []
  return configMaps.flatMap(configMap => {
    const file = dashboardText(configMap, expected)
    const verdict = file && judgeDashboardText(file.text)
    return file && verdict?.ok ? [{ key: file.key, ...(verdict.uid === undefined ? {} : { uid: verdict.uid }) }] : []
  })
}

/** Grafana makes a uid up for a file without one. The sidecar may put something before the key. */
const isFrom = (file: HeldFile, shown: Provisioned): boolean =>
  file.uid === undefined ? shown.provisionedFrom.endsWith(file.key) : file.uid === shown.uid

const byUid = (ask: AskGrafana, uid: string): Promise<Read<LoadedDashboard>> =>
  ask(`/api/dashboards/uid/${encodeURIComponent(uid)}`, answer => parseDashboardAnswer(uid, answer))

/** Those that come from a file: only they stop a provider. The search tells no more than their uids. */
const namesakesOf = async (ask: AskGrafana, title: string): Promise<readonly Provisioned[]> => {
  const hits = await ask(`/api/search?type=dash-db&query=${encodeURIComponent(title)}`, answer =>
    parseNamesakes(title, answer),
  )
  if (!hits.ok) return []
  const found = await Promise.all(hits.value.slice(0, 3).map(uid => byUid(ask, uid)))
  return found.flatMap(answer =>
    answer.ok && answer.value.provisionedFrom !== undefined
      ? [{ ...answer.value, provisionedFrom: answer.value.provisionedFrom }]
      : [],
  )
}

type Provisioned = LoadedDashboard & Required<Pick<LoadedDashboard, 'provisionedFrom'>>

import { parseDashboardAnswer, parseNamesakes } from '../grafana/api.ts'
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
  const answers = await Promise.all(expected.map(dashboard => askFor(ask, dashboard)))
  const refused = answers.find(answer => !answer.ok)
  if (refused && !refused.ok) return refused
  return {
    ok: true,
    value: [
      { grafana: refOf(grafana.workload), dashboards: answers.flatMap(answer => (answer.ok ? [answer.value] : [])) },
    ],
  }
}

const askFor = async (ask: AskGrafana, { uid, title }: ExpectedDashboard): Promise<Read<LoadedDashboard>> => {
  const answer = await byUid(ask, uid)
  if (!answer.ok || answer.value.found) return answer
  return { ok: true, value: { ...answer.value, namesakes: await namesakesOf(ask, title) } }
}

const byUid = (ask: AskGrafana, uid: string): Promise<Read<LoadedDashboard>> =>
  ask(`/api/dashboards/uid/${encodeURIComponent(uid)}`, answer => parseDashboardAnswer(uid, answer))

/** Those that come from a file: only they stop a provider. The search tells no more than their uids. */
const namesakesOf = async (ask: AskGrafana, title: string): Promise<NonNullable<LoadedDashboard['namesakes']>> => {
  const hits = await ask(`/api/search?type=dash-db&query=${encodeURIComponent(title)}`, answer =>
    parseNamesakes(title, answer),
  )
  if (!hits.ok) return []
  const found = await Promise.all(hits.value.slice(0, 3).map(uid => byUid(ask, uid)))
  return found.flatMap(answer =>
    answer.ok && answer.value.provisionedFrom !== undefined
      ? [{ uid: answer.value.uid, provisionedFrom: answer.value.provisionedFrom }]
      : [],
  )
}

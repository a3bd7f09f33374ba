import { parseDashboardAnswer } from '../grafana/api.ts'
import { loginOf } from '../grafana/login.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import { isReady } from '../kubernetes/pods.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Grafana, LoadedDashboards } from '../model/grafana.ts'
import type { Pod } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'

type LoadedDashboard = LoadedDashboards['dashboards'][number]

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
  const uids = [...new Set(chains.value.items.map(chain => chain.dashboard.uid))]
  return together(
    await Promise.all(grafanas.value.items.map(grafana => loadedIn(context, grafana, pods.value.items, uids))),
  )
}

/** A Grafana without a ready pod has no answer: stack/grafana-not-ready says why. */
const loadedIn = async (
  context: ReadContext,
  grafana: Grafana,
  pods: readonly Pod[],
  uids: readonly string[],
): Promise<Read<readonly LoadedDashboards[]>> => {
  const pod = pods.find(candidate => selectsPod(grafana.workload, candidate) && isReady(candidate))
  if (!pod && context.narrowing.grafanaUrl === undefined) return { ok: true, value: [] }
  const answers = await Promise.all(uids.map(uid => askFor(context, grafana, pod, uid)))
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
  { cluster, narrowing }: ReadContext,
  { workload, container, port }: Grafana,
  pod: Pod | undefined,
  uid: string,
): Promise<Read<LoadedDashboard>> => {
  const login = loginOf(workload, container)
  const namespace = pod?.metadata.namespace
  const answer = await cluster.http({
    service: 'grafana',
    path: `/api/dashboards/uid/${encodeURIComponent(uid)}`,
    ...(pod && namespace !== undefined && narrowing.grafanaUrl === undefined
      ? { pod: { namespace, name: pod.metadata.name, port, scheme: 'http' as const } }
      : {}),
    ...(login ? { login } : {}),
  })
  if (!answer.ok) return answer
  const loaded = parseDashboardAnswer(uid, answer.value)
  if (!('cannotAsk' in loaded)) return { ok: true, value: loaded }
  return {
    ok: false,
    unavailable: {
      why: 'forbidden',
      verb: 'get',
      resource: 'dashboards (Grafana)',
      name: uid,
      ...(namespace === undefined ? {} : { namespace }),
      message: loaded.cannotAsk,
    },
  }
}

import type { GrafanaAnswer } from '../grafana/api.ts'
import { loginOf } from '../grafana/login.ts'
import { isReady } from '../kubernetes/pods.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Grafana } from '../model/grafana.ts'
import type { Pod } from '../model/kubernetes.ts'
import type { Read, Unavailable } from '../model/read.ts'
import type { ReadContext } from './fact-reader.ts'

/** Asks one Grafana's HTTP API and parses what it says; undefined where it has no ready pod to ask. */
export type AskGrafana = <T extends object>(
  path: string,
  parse: (answer: GrafanaAnswer) => T | { readonly cannotAsk: string },
) => Promise<Read<T>>

/** A Grafana without a ready pod has no answer: stack/grafana-not-ready says why. */
export const askGrafana = (
  { cluster, narrowing }: ReadContext,
  { workload, container, port }: Grafana,
  pods: readonly Pod[],
): AskGrafana | undefined => {
  const pod = pods.find(candidate => selectsPod(workload, candidate) && isReady(candidate))
  if (!pod && narrowing.grafanaUrl === undefined) return undefined
  const login = loginOf(workload, container)
  const namespace = pod?.metadata.namespace
  const address =
    pod && namespace !== undefined && narrowing.grafanaUrl === undefined
      ? { pod: { namespace, name: pod.metadata.name, port, scheme: 'http' as const } }
      : {}
  return async (path, parse) => {
    const answer = await cluster.http({ service: 'grafana', path, ...address, ...(login ? { login } : {}) })
    if (!answer.ok) return answer
    const value = parse(answer.value)
    return 'cannotAsk' in value ? cannotAsk(path, namespace, value.cannotAsk) : { ok: true, value }
  }
}

/** `dashboards (Grafana)`, of the path’s second part. */
const cannotAsk = (
  path: string,
  namespace: string | undefined,
  message: string,
): { ok: false; unavailable: Unavailable } => ({
  ok: false,
  unavailable: {
    why: 'forbidden',
    verb: 'get',
    resource: `${path.split(/[/?]/)[2]} (Grafana)`,
    ...(namespace === undefined ? {} : { namespace }),
    message,
  },
})

import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import { type AuthorizationConflict, authorizationConflicts } from './authorization-conflicts.ts'
import { isWritten, newText } from './dropped-fields.ts'
import { parseDuration } from './duration.ts'
import { isOlder } from './is-older.ts'
import { metricRelabelings } from './metric-relabelings.ts'
import { relabelingProblem, unloadableRelabeling } from './relabeling-problem.ts'
import { targetRelabelings } from './target-relabelings.ts'

/** A field for which Prometheus refuses its whole configuration. */
export interface ReloadRefusal {
  readonly in: 'ServiceMonitor' | 'Prometheus'
  readonly path: string
  readonly expected: string
  readonly actual: string
  /** Where it is refused for standing beside another field. */
  readonly beside?: AuthorizationConflict['other']
}

/**
 * What prometheus-operator accepts, writes down, and Prometheus then refuses to load: two ways to authenticate, and
 * fields that it does not look at, or not closely, such as a port that is no regular expression.
 */
export const reloadRefusals = (monitor: ServiceMonitor, prometheus: Prometheus): readonly ReloadRefusal[] => [
  ...authorizationConflicts(monitor, prometheus).map(({ path, actual, other }) => ({
    in: 'ServiceMonitor' as const,
    path,
    expected: 'one way to authenticate',
    actual,
    beside: other,
  })),
  ...(monitor.spec?.endpoints ?? []).flatMap(({ interval, scrapeTimeout }, index) =>
    // With a timeout the operator looks at both.
    interval && !scrapeTimeout && parseDuration(interval) === undefined
      ? [
          {
            in: 'ServiceMonitor' as const,
            path: `spec.endpoints[${index}].interval`,
            expected: 'a duration of less than 292 years',
            actual: interval,
          },
        ]
      : [],
  ),
  ...noProtocols(monitor, prometheus),
  ...(monitor.spec?.endpoints ?? []).flatMap((_, endpointIndex) => badRelabelings(monitor, endpointIndex, prometheus)),
]

const badRelabelings = (
  serviceMonitor: ServiceMonitor,
  endpointIndex: number,
  prometheus: Prometheus,
): readonly ReloadRefusal[] => {
  const job = { serviceMonitor, endpointIndex, prometheus }
  return [
    ...targetRelabelings({ ...job, role: 'endpoints' }).flatMap(({ origin, path, rule }) => {
      const problem = unseen.has(origin) ? relabelingProblem(rule, prometheus) : unloadableRelabeling(rule)
      const owner = origin === 'scrape-class-relabeling' ? ('Prometheus' as const) : ('ServiceMonitor' as const)
      return problem ? [{ in: owner, path, ...problem }] : []
    }),
    ...metricRelabelings(job).flatMap(({ rule, ...where }) => {
      const problem = unloadableRelabeling(rule)
      return problem ? [{ ...where, ...problem }] : []
    }),
  ]
}

/** The operator takes the protocols out that a Prometheus is too old for, and writes the list also where it is empty then. */
const noProtocols = ({ spec }: ServiceMonitor, prometheus: Prometheus): readonly ReloadRefusal[] =>
  spec?.scrapeProtocols?.length === 1 &&
  spec.scrapeProtocols[0] === newText.name &&
  (spec.endpoints ?? []).length > 0 &&
  isOlder(prometheus, newText.since) &&
  isWritten('scrapeProtocols', prometheus)
    ? [
        {
          in: 'ServiceMonitor',
          path: 'spec.scrapeProtocols',
          expected: `a protocol that Prometheus ${prometheus.spec?.version} has`,
          actual: `${newText.name} alone`,
        },
      ]
    : []

/** The user's own relabelings are validated, those of scrape classes too: with a bad one there the operator writes nothing. */
const unseen: ReadonlySet<string> = new Set(['selector', 'port', 'label'])

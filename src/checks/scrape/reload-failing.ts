import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import { type AuthorizationConflict, authorizationConflicts } from '../../prometheus/authorization-conflicts.ts'
import { validateServiceMonitor } from '../../prometheus/validation.ts'
import { hasActive, hasPool, isActiveSomewhere, type Link } from './links.ts'

/** Prometheus says so, or the objects prove it: then only a target that is there disproves it. */
export const refuses = (link: Link): boolean =>
  refusing(link) !== undefined || (!hasActive(link) && !hasPool(link) && conflictsOf(link).length > 0)

/** One Prometheus runs with one configuration, whichever of its links shows that it refuses another. */
export const reloadFailing = (
  refused: readonly Link[],
  links: readonly Link[],
): readonly Finding<'scrape/reload-failing'>[] => {
  const [link] = refused
  if (!link) return []
  const subject = refOf(link.prometheus)
  const conflicts = refused.flatMap(conflictsOf)
  const [first, ...rest] = [...refusal(link), ...conflicts.flatMap(conflictEvidence(link))]
  return [
    {
      code: 'scrape/reload-failing',
      subject,
      about: refused.flatMap(({ about }) => about),
      // With the target in the old configuration nothing is missing yet; what changes from now on will be.
      ...(refused.every(one => isActiveSomewhere(one, links)) ? { severity: 'warning' as const } : {}),
      message: `${formatRef(subject)} refuses its new configuration and runs with the old one`,
      evidence: [
        first ?? { ref: subject, expected: 'a configuration that loads', actual: 'one that does not' },
        ...rest,
      ],
      because:
        conflicts.length > 0
          ? 'prometheus-operator lets a token file pass beside another authorization, and Prometheus refuses the whole file for it'
          : 'one bad job, of this or any other team, makes Prometheus refuse the whole file',
      fixes: [...conflicts.slice(0, 1).map(({ conflict }) => oneAuthorization(conflict)), findBadJob(link)],
    },
  ]
}

const refusing = ({ shards }: Link) => shards.find(({ runtime }) => runtime.ok && !runtime.value.reloadConfigSuccess)

/** What prometheus-operator rejects is never written, so it breaks nothing. */
const conflictsOf = ({ monitors, prometheus }: Link) =>
  monitors
    .filter(monitor => validateServiceMonitor(monitor, prometheus).length === 0)
    .flatMap(monitor => authorizationConflicts(monitor, prometheus).map(conflict => ({ monitor, conflict })))

const verify = ['scrape-config-loaded', 'scrape-target-up']

const refusal = (link: Link): readonly Evidence[] => {
  const { pod, runtime } = refusing(link) ?? {}
  const { namespace } = refOf(link.prometheus)
  return pod && runtime?.ok
    ? [
        {
          ref: { apiVersion: 'v1', kind: 'Pod', ...(namespace ? { namespace } : {}), name: pod },
          path: '/api/v1/status/runtimeinfo reloadConfigSuccess',
          expected: 'true',
          actual: `false; the configuration in force is of ${runtime.value.lastConfigTime}`,
        },
      ]
    : []
}

const conflictEvidence =
  ({ prometheus }: Link) =>
  ({ monitor, conflict }: ReturnType<typeof conflictsOf>[number]): readonly Evidence[] => [
    { ref: refOf(monitor), path: conflict.tokenPath, expected: 'one way to authenticate', actual: conflict.tokenFile },
    {
      ref: conflict.other.in === 'Prometheus' ? refOf(prometheus) : refOf(monitor),
      path: conflict.other.path,
      expected: 'absent beside a token file',
      actual: 'set',
    },
  ]

const oneAuthorization = ({ tokenPath, other }: AuthorizationConflict): Fix => ({
  id: 'one-authorization',
  title: 'Leave one of the two ways to authenticate',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text:
        other.in === 'Prometheus'
          ? `Give the Prometheus object another scrape class without authorization, and name it in spec.scrapeClass of a ServiceMonitor of your own; or take ${other.path} out of the class.`
          : `Take ${tokenPath} or ${other.path} out of the ServiceMonitor.`,
    },
  ],
  lasts: 'Yes, when it is changed in the values or the manifest that render the object.',
  verify,
})

const findBadJob = (link: Link): Fix => {
  const { namespace, name } = refOf(link.prometheus)
  return {
    id: 'find-bad-job',
    title: 'Find the job that Prometheus names in its log, and correct it where it comes from',
    risk: 'manual',
    at: 'source',
    steps: [
      {
        do: 'tell',
        text: 'The log names the line or the job. Duplicate job names in additionalScrapeConfigs, and a token file together with another authorization, are what it usually is.',
        commands: [
          `kubectl -n ${namespace} logs ${refusing(link)?.pod ?? `-l operator.prometheus.io/name=${name}`} -c prometheus --tail=200 | grep -i 'error loading config'`,
        ],
      },
    ],
    lasts: 'Yes. After the correction the config-reloader may need two minutes to try again.',
    verify,
  }
}

import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ReferencedObject } from '../../model/prometheus.ts'
import { type ReloadRefusal, reloadRefusals } from '../../prometheus/reload-refusals.ts'
import { validateServiceMonitor } from '../../prometheus/validation.ts'
import { hasActive, hasPool, isActiveSomewhere, type Link } from './links.ts'

/** Prometheus says so, or the objects prove it: then only a target that is there disproves it. */
export const refuses = (link: Link, referenced: readonly ReferencedObject[]): boolean =>
  refusing(link) !== undefined || (!hasActive(link) && !hasPool(link) && refusalsOf(link, referenced).length > 0)

/** One Prometheus runs with one configuration, whichever of its links shows that it refuses another. */
export const reloadFailing = (
  refused: readonly Link[],
  links: readonly Link[],
  referenced: readonly ReferencedObject[],
): readonly Finding<'scrape/reload-failing'>[] => {
  const [link] = refused
  if (!link) return []
  const subject = refOf(link.prometheus)
  const refusals = refused.flatMap(one => refusalsOf(one, referenced))
  const [first, ...rest] = [...refusal(link), ...refusals.flatMap(refusalEvidence(link))]
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
      because: becauseOf(refusals[0]?.refusal),
      fixes: [...refusals.slice(0, 1).map(({ refusal }) => correction(refusal)), findBadJob(link)],
    },
  ]
}

const refusing = ({ shards }: Link) => shards.find(({ runtime }) => runtime.ok && !runtime.value.reloadConfigSuccess)

/** What prometheus-operator rejects is never written, so it breaks nothing. */
const refusalsOf = ({ monitors, prometheus }: Link, referenced: readonly ReferencedObject[]) =>
  monitors
    .filter(monitor => validateServiceMonitor(monitor, prometheus, referenced).length === 0)
    .flatMap(monitor => reloadRefusals(monitor, prometheus).map(refusal => ({ monitor, refusal })))

const becauseOf = (refusal: ReloadRefusal | undefined): string => {
  if (!refusal) return 'one bad job, of this or any other team, makes Prometheus refuse the whole file'
  return refusal.beside
    ? 'prometheus-operator lets two ways to authenticate pass, and Prometheus refuses the whole file for it'
    : `prometheus-operator lets ${refusal.path} pass, and Prometheus refuses the whole file for it`
}

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

const refusalEvidence =
  ({ prometheus }: Link) =>
  ({
    monitor,
    refusal: { in: owner, path, expected, actual, beside },
  }: ReturnType<typeof refusalsOf>[number]): readonly Evidence[] => [
    { ref: refOf(owner === 'Prometheus' ? prometheus : monitor), path, expected, actual },
    ...(beside
      ? [
          {
            ref: beside.in === 'Prometheus' ? refOf(prometheus) : refOf(monitor),
            path: beside.path,
            expected: 'absent beside the other',
            actual: 'set',
          },
        ]
      : []),
  ]

const correction = (refusal: ReloadRefusal): Fix =>
  refusal.beside ? oneAuthorization(refusal.path, refusal.beside) : correctField(refusal)

const correctField = ({ in: owner, path, expected, actual }: ReloadRefusal): Fix => ({
  id: 'correct-field',
  title: `Correct ${path}`,
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `Put ${expected} in the place of "${actual}" in ${path} of the ${owner === 'Prometheus' ? 'Prometheus object' : 'ServiceMonitor'}.`,
    },
  ],
  lasts: 'Yes, when it is changed in the values or the manifest that render the object.',
  verify,
})

const oneAuthorization = (path: string, other: NonNullable<ReloadRefusal['beside']>): Fix => ({
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
          : `Take ${path} or ${other.path} out of the ServiceMonitor.`,
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

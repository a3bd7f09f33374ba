import { inventoriedKind, inventoryGauge } from '../../dynamo/inventory.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { ProvedActivity, SeriesFamily } from '../../model/prometheus.ts'
import { accountOf } from '../../prometheus/account-of.ts'
import { metricDroppedBy } from '../../prometheus/metric-dropped-by.ts'
import type { MetricRelabeling } from '../../prometheus/metric-relabelings.ts'

export type Code = 'metrics/absent' | 'metrics/dropped' | 'metrics/idle'

/** What is known of the metrics of one chain, over all Prometheuses that answered. */
export interface Judged {
  readonly chain: Chain
  readonly monitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
  readonly asked: readonly ObjectRef[]
  readonly families: readonly SeriesFamily[]
  readonly about: readonly ObjectRef[]
  /** Prometheus still knows the pods of before, and not those that run now. */
  readonly replaced: boolean
  /** A target of it is up: what Prometheus holds is of now. */
  readonly up: boolean
  /** It is scraped, and one of its pods may not have had the time to take the lead. */
  readonly young: boolean
  /** What speaks against families having had nothing to count. */
  readonly proved: readonly ProvedActivity[]
}

export const isPresent = ({ chain, families }: Judged): boolean =>
  families.some(({ name }) => chain.contract.always.includes(name))

/** The families that are not there and cannot be, for a metricRelabeling drops them: one finding a rule. */
export const dropped = (judged: Judged): readonly Finding<Code>[] => {
  const byRule = new Map<string, { readonly way: Way; readonly names: readonly string[] }>()
  for (const { names } of missingEntries(judged).filter(entry => isDropped(judged, entry)))
    for (const name of names)
      for (const way of closedWays(judged, name)) {
        const key = `${formatRef(way.subject)} ${way.drop.path}`
        byRule.set(key, { way, names: [...new Set([...(byRule.get(key)?.names ?? []), name])] })
      }
  return [...byRule.values()].map(({ way, names }) => droppedFinding(judged, way, names))
}

interface Entry {
  readonly names: readonly string[]
}

/** What the contract asks for and no Prometheus has. An entry lists the names it goes by: one of them is enough. */
const missingEntries = ({ chain: { contract }, families }: Judged): readonly Entry[] =>
  [...contract.always.map(name => ({ names: [name] })), ...contract.onActivity].filter(
    ({ names }) => !families.some(({ name }) => names.includes(name)),
  )

interface LostEntry extends Entry {
  readonly proof: ProvedActivity
}

/** The families that are not there, though what they wait for has happened, and no rule is known to drop them. */
export const lostEntries = (judged: Judged): readonly LostEntry[] =>
  missingEntries(judged)
    .filter(entry => !isDropped(judged, entry))
    .flatMap(entry => {
      const proof = judged.proved.find(({ family }) => entry.names.includes(family))
      return proof ? [{ ...entry, proof }] : []
    })

const isDropped = (judged: Judged, { names }: Entry): boolean =>
  names.every(name => closedWays(judged, name).length > 0)

/** A histogram arrives as its parts; its count stands for them. */
const metricOf = (family: string): string => (family.endsWith('_seconds') ? `${family}_count` : family)

/** A way into a Prometheus, and the rule that closes it. */
interface Way {
  readonly subject: ObjectRef
  readonly drop: MetricRelabeling
}

/** The rules that close every way into every Prometheus; none where one way is open. */
const closedWays = ({ monitors, prometheuses }: Judged, family: string): readonly Way[] => {
  const ways = prometheuses.flatMap(prometheus =>
    monitors.flatMap(serviceMonitor =>
      (serviceMonitor.spec?.endpoints ?? []).map((_, endpointIndex) => {
        const drop = metricDroppedBy({ metric: metricOf(family), serviceMonitor, endpointIndex, prometheus })
        return drop && { subject: drop.in === 'Prometheus' ? refOf(prometheus) : refOf(serviceMonitor), drop }
      }),
    ),
  )
  const closed = ways.flatMap(way => way ?? [])
  return closed.length === ways.length ? closed : []
}

const droppedFinding = (
  { chain, about }: Judged,
  { subject, drop: { path, rule } }: Way,
  names: readonly string[],
): Finding<Code> => ({
  code: 'metrics/dropped',
  subject,
  about: [...about, subject],
  message: `${formatRef(subject)} drops ${names.length === 1 ? names[0] : `${names.length} metric families`} of ${formatRef(refOf(chain.workload))}`,
  evidence: [{ ref: subject, path, expected: `a rule that keeps ${names.join(', ')}`, actual: JSON.stringify(rule) }],
  because:
    'a metricRelabeling decides by the name of each metric what is stored, and this one does not let these through',
  fixes: [
    {
      id: 'correct-metric-relabeling',
      title: 'Take the rule out, or let it keep the operator’s metrics',
      risk: 'manual',
      at: 'source',
      steps: [
        {
          do: 'tell',
          text: `The rule stands at ${path} of ${formatRef(subject)}: change it in the values or the manifest that render the object.`,
        },
      ],
      lasts: 'Yes, when it is changed where the object comes from.',
      verify: ['metrics-families-present'],
    },
  ],
})

/** Why its first metrics are not there, where that is not for the target to tell. */
const becauseAbsent = ({ replaced, young, families, chain }: Judged): string => {
  if (replaced) return 'its pods are new: Prometheus still knows those of before, and has not scraped these yet'
  if (young)
    return 'a pod of it is new: only the replica that leads serves these, and takes the lead when the Lease of the one before has run out'
  return families.some(({ name }) => chain.contract.onActivity.some(({ names }) => names.includes(name)))
    ? 'other metrics of it are there, and only the replica that leads serves these: no replica that is scraped has started its controllers'
    : 'every operator of this era serves these families from its start: either nothing is scraped, or something else answers there'
}

/** Compares what the endpoint serves with what arrives, of the names that begin so. */
const seeWhatIsServed = ({ chain, asked, prometheuses }: Judged, beginning: string): Fix => {
  const { namespace } = chain.workload.metadata
  const scraper = prometheuses.find(prometheus => asked.some(one => sameObject(one, refOf(prometheus))))
  const account = scraper && accountOf(scraper)
  const port = chain.service?.spec?.ports?.[0]?.port ?? 8080
  return {
    id: 'see-what-is-served',
    title: 'See what the operator serves',
    risk: 'manual',
    at: 'live',
    steps: [
      {
        do: 'tell',
        text: 'Compare what the endpoint serves with what arrives.',
        commands: [
          `kubectl -n ${namespace} port-forward service/${chain.service?.metadata.name} 8443:${port}`,
          `curl -sk${account ? ` -H "Authorization: Bearer $(kubectl -n ${account.namespace} create token ${account.name})"` : ''} https://localhost:8443/metrics | grep ^${beginning}`,
        ],
      },
    ],
    lasts: 'Depends on the cause.',
    verify: ['metrics-families-present'],
  }
}

export const absent = (judged: Judged): Finding<Code> => {
  const { chain, asked, about, replaced, young, families } = judged
  const subject = refOf(chain.workload)
  return {
    code: 'metrics/absent',
    subject,
    about,
    message: `${formatRef(subject)} has ${families.length > 0 ? `no ${chain.contract.always.join(', ')}` : 'no metrics'} in ${asked.map(formatRef).join(', ')}`,
    evidence: [
      {
        ref: asked[0] ?? subject,
        path: `${chain.contract.always.join(', ')} of Service ${chain.service?.metadata.name}`,
        expected: 'series, even of an idle operator',
        actual: 'none',
      },
    ],
    ...(replaced || young ? { severity: 'pending' as const } : {}),
    because: becauseAbsent(judged),
    fixes: [seeWhatIsServed(judged, 'controller_runtime')],
  }
}

/** One for all of them. The way into Prometheus is proved, so nothing before it can be the cause. */
export const lost = (judged: Judged): readonly Finding<Code>[] => {
  const { chain, asked, up } = judged
  if (!up) return []
  const subject = refOf(chain.workload)
  const entries = lostEntries(judged)
  const [first, ...rest] = entries.map(({ names, proof: { family, by, count } }) => ({
    ref: asked[0] ?? subject,
    path: names.join(' or '),
    expected: `series: ${by} counts ${count}${family === inventoryGauge ? `, and there are ${inventoriedKind}s` : ''}`,
    actual: 'none',
  }))
  if (!first) return []
  return [
    {
      code: 'metrics/absent',
      subject,
      about: [],
      message: `${formatRef(subject)} has no ${entries.map(({ names }) => names.join(' or ')).join(', ')} in ${asked.map(formatRef).join(', ')}, though there was something to count`,
      evidence: [first, ...rest],
      because:
        'the operator’s other series, which arrive, count what these count too: a rule that looks at more than the name drops these on the way, or the operator’s build is not the one that its version names',
      fixes: [seeWhatIsServed(judged, 'dynamo_operator')],
    },
  ]
}

/** Said only of what is scraped: of a target that is down, what is missing may be what the last scrape did not bring. */
export const idle = (judged: Judged): readonly Finding<Code>[] => {
  const { chain, up } = judged
  if (!up) return []
  const settled = new Set(lostEntries(judged).flatMap(({ names }) => names))
  const missing = chain.contract.onActivity.filter(
    entry =>
      missingEntries(judged).includes(entry) &&
      !isDropped(judged, entry) &&
      !entry.names.some(name => settled.has(name)),
  )
  const subject = refOf(chain.workload)
  const [first, ...rest] = missing.map(({ names, appears }) => ({
    ref: subject,
    path: names.join(' or '),
    expected: `appears ${appears}`,
    actual: 'not there yet',
  }))
  return first
    ? [
        {
          code: 'metrics/idle',
          subject,
          about: [],
          message: `${missing.length} metric families of ${formatRef(subject)} are not there yet: they appear with the first activity`,
          evidence: [first, ...rest],
          because: 'the operator creates a family with its first observation, so an idle one serves fewer of them',
          fixes: [],
        },
      ]
    : []
}

import { refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Unknown } from '../../model/check.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { StoredOfChain, Target } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, type Unavailable, unreadIn } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { withOthers } from '../../prometheus/with-others.ts'
import { missingIn, none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import {
  hasActive,
  isPartial,
  type Link,
  linksOf,
  nameOf,
  originOf,
  targetsOf,
  unheardTargets,
  whyUnasked,
} from '../scrape/links.ts'
import { duplicated, type Shared } from './duplicated.ts'
import { sharedByObjects } from './shared-by-objects.ts'

export const monitorDistinct = defineCheck({
  id: 'monitor-distinct',
  title: 'No second ServiceMonitor scrapes the same port',
  area: 'monitor',
  needs: ['chains', 'serviceMonitors'],
  wants: [
    'prometheuses',
    'prometheusStates',
    'serviceMonitorsElsewhere',
    'stored',
    'namespaces',
    'prometheusOperators',
  ],
  codes: {
    'monitor/duplicated': {
      title: 'Two ServiceMonitors scrape the same port of the same Service',
      severity: 'warning',
    },
  },
  run(facts) {
    const { chains, serviceMonitors, prometheuses, prometheusStates, namespaces, prometheusOperators } = facts
    const states = itemsIn(prometheusStates)
    const known = withElsewhere(serviceMonitors, facts.serviceMonitorsElsewhere)
    const monitored = chains.items.map(chain => ({ chain, monitors: monitorsOf(chain, known.items) }))
    const unlisted = chains.items.flatMap(({ id, workload }): readonly Unknown[] => {
      const missing = missingIn(serviceMonitors, workload.metadata.namespace)
      return missing.length > 0 ? [{ missing, reason: `which ServiceMonitors there are for ${id}` }] : []
    })
    if (monitored.every(({ monitors }) => monitors.length === 0) && unlisted.length === 0)
      return none('there is no ServiceMonitor of a Dynamo operator', chains)
    const notes = monitored.map(({ chain, monitors }) => {
      const own = monitorsOf(chain, serviceMonitors.items).length
      return `${chain.id}: ${own} in its namespace${monitors.length > own ? `, ${monitors.length - own} elsewhere` : ''}`
    })
    const linksAmong = (items: readonly Chain[]): readonly Link[] =>
      prometheuses.ok
        ? linksOf(
            {
              chains: { ...chains, items },
              serviceMonitors: known,
              prometheuses: prometheuses.value,
              namespaces,
              prometheusOperators,
            },
            states.map(withOthers),
          )
        : []
    const alone = monitored.filter(({ monitors }) => monitors.length === 1).map(({ chain }) => chain)
    const several = monitored.filter(({ monitors }) => monitors.length > 1).map(({ chain }) => chain)
    const unheard = [prometheuses, prometheusStates].flatMap(read => (read.ok ? [] : [read.unavailable]))
    const open = [...unlisted, ...unseenBeside(alone, linksAmong(alone), unheard, facts)]
    if (several.length === 0) return { findings: [], unknown: open, notes }
    const reason = `whether the ServiceMonitors of ${several.map(({ id }) => id).join(', ')} scrape the same`
    if (!prometheuses.ok || unheard.some(({ why }) => why !== 'not-live'))
      return { findings: [], unknown: [...open, { missing: unheard, reason }] }
    const judged = linksAmong(several).map(link => {
      const shared = isOfFiles(link, unheard) ? sharedByObjects(link, namespaces) : sharedTargets(link)
      return { link, findings: duplicated(link, shared) }
    })
    return {
      findings: judged.flatMap(({ findings }) => findings),
      unknown: [
        ...open,
        ...unlistedPrometheuses(prometheuses.value),
        ...(unheard.length > 0
          ? [{ missing: unheard, reason }]
          : judged
              .filter(({ findings }) => findings.length === 0)
              .flatMap(({ link }) => [...unseen(link), ...unseenElsewhere(link, facts)])),
      ],
      notes,
    }
  },
})

/** Those of other namespaces that a Prometheus named. */
const withElsewhere = (
  listed: Listing<ServiceMonitor>,
  elsewhere: Read<Listing<ServiceMonitor>>,
): Listing<ServiceMonitor> => {
  const isListed = (monitor: ServiceMonitor): boolean =>
    listed.items.some(one => sameObject(refOf(one), refOf(monitor)))
  const others = elsewhere.ok ? elsewhere.value.items.filter(monitor => !isListed(monitor)) : []
  return { ...listed, items: [...listed.items, ...others] }
}

/** What leaves open whether chains with one ServiceMonitor are scraped by another, too. Files never tell. */
const unseenBeside = (
  chains: readonly Chain[],
  links: readonly Link[],
  unheard: readonly Unavailable[],
  facts: Elsewhere & { readonly prometheuses: Read<Listing<Prometheus>> },
): readonly Unknown[] => {
  const unlisted = links.length === 0 && facts.prometheuses.ok ? facts.prometheuses.value.unread : []
  const missing = [...unheard.filter(({ why }) => why !== 'not-live'), ...unlisted]
  return missing.length > 0
    ? chains.map(({ id }) => ({ missing, reason: `whether a ServiceMonitor elsewhere scrapes ${id}, too` }))
    : links.flatMap(link => unseenElsewhere(link, facts))
}

interface Elsewhere {
  readonly serviceMonitorsElsewhere: Read<Listing<ServiceMonitor>>
  readonly stored: Read<Listing<StoredOfChain>>
}

/** What leaves open whether a ServiceMonitor of another namespace scrapes, too. An agent stores nothing that would tell. */
const unseenElsewhere = (link: Link, { serviceMonitorsElsewhere, stored }: Elsewhere): readonly Unknown[] => {
  const silent = unheardTargets(link.shards)
  if ((!hasActive(link) && silent.length === 0) || link.prometheus.kind !== 'Prometheus') return []
  const own = stored.ok ? stored.value.items.filter(({ chain }) => chain === link.chain.id) : []
  const isAnswered = own.some(
    ({ prometheus }) =>
      sameObject(prometheus, refOf(link.prometheus)) || link.shards.some(({ pod }) => pod === prometheus.name),
  )
  const missing = [
    ...silent,
    ...(isAnswered ? [] : unreadIn(stored)),
    ...link.shards.flatMap(({ others }) => (others && !others.ok ? [others.unavailable] : [])),
    ...unreadIn(serviceMonitorsElsewhere),
  ]
  return missing.length > 0
    ? [{ missing, reason: `whether a ServiceMonitor elsewhere scrapes ${link.chain.id} into ${nameOf(link)}, too` }]
    : []
}

/** Files hold no answers: then the objects say what both surely scrape, and nothing of what they may not. */
const isOfFiles = ({ shards }: Link, unheard: readonly Unavailable[]): boolean =>
  unheard.length > 0 ||
  (shards.length > 0 && shards.every(({ active }) => !active.ok && active.unavailable.why === 'not-live'))

/** The targets that several jobs of one Prometheus scrape: what each ServiceMonitor got is its own word. */
const sharedTargets = (link: Link): readonly Shared[] =>
  [...Map.groupBy(targetsOf(link), ({ scrapeUrl }) => scrapeUrl)].map(([what, targets]) => ({
    what,
    monitors: distinct(targets.flatMap(target => originOf(link, target) ?? [])),
    distinguished: new Set(targets.map(labelsOf)).size > 1,
  }))

const labelsOf = ({ labels }: Target): string => JSON.stringify(Object.entries(labels).sort())

const distinct = (origins: readonly { readonly monitor: ServiceMonitor }[]): readonly ServiceMonitor[] => [
  ...new Set(origins.map(({ monitor }) => monitor)),
]

/** One that may not be read may scrape both. */
const unlistedPrometheuses = ({ unread }: Listing<Prometheus>): readonly Unknown[] =>
  unread.length > 0 ? [{ missing: unread, reason: 'whether another Prometheus scrapes a target twice' }] : []

/** A shard that did not answer may scrape both. */
const unseen = (link: Link): readonly Unknown[] => {
  const missing = link.shards.flatMap(({ active }) => (active.ok ? [] : [active.unavailable]))
  const reason = `whether the ServiceMonitors of ${link.chain.id} scrape the same into ${nameOf(link)}`
  const unasked = whyUnasked(link)
  return missing.length > 0 || isPartial(link) || unasked !== undefined ? [{ missing, reason: unasked ?? reason }] : []
}

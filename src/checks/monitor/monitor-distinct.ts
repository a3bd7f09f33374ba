import type { Unknown } from '../../model/check.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { Target } from '../../model/prometheus.ts'
import type { Listing, Unavailable } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { missingIn } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { isPartial, type Link, linksOf, nameOf, originOf, targetsOf, whyUnasked } from '../scrape/links.ts'
import { duplicated, type Shared } from './duplicated.ts'
import { sharedByObjects } from './shared-by-objects.ts'

export const monitorDistinct = defineCheck({
  id: 'monitor-distinct',
  title: 'No second ServiceMonitor scrapes the same port',
  area: 'monitor',
  needs: ['chains', 'serviceMonitors'],
  wants: ['prometheuses', 'prometheusStates', 'namespaces', 'prometheusOperators'],
  codes: {
    'monitor/duplicated': {
      title: 'Two ServiceMonitors scrape the same port of the same Service',
      severity: 'warning',
    },
  },
  run({ chains, serviceMonitors, prometheuses, prometheusStates, namespaces, prometheusOperators }) {
    const monitored = chains.items.map(chain => ({ chain, monitors: monitorsOf(chain, serviceMonitors.items) }))
    const unlisted = chains.items.flatMap(({ id, workload }): readonly Unknown[] => {
      const missing = missingIn(serviceMonitors, workload.metadata.namespace)
      return missing.length > 0 ? [{ missing, reason: `which ServiceMonitors there are for ${id}` }] : []
    })
    if (monitored.every(({ monitors }) => monitors.length === 0) && unlisted.length === 0)
      return { notApplicable: 'there is no ServiceMonitor of a Dynamo operator' }
    const several = monitored.filter(({ monitors }) => monitors.length > 1).map(({ chain }) => chain)
    const notes = monitored.map(({ chain, monitors }) => `${chain.id}: ${monitors.length} in its namespace`)
    if (several.length === 0) return { findings: [], unknown: unlisted, notes }
    const unheard = [prometheuses, prometheusStates].flatMap(read => (read.ok ? [] : [read.unavailable]))
    const reason = `whether the ServiceMonitors of ${several.map(({ id }) => id).join(', ')} scrape the same`
    if (!prometheuses.ok || unheard.some(({ why }) => why !== 'not-live'))
      return { findings: [], unknown: [...unlisted, { missing: unheard, reason }] }
    const links = linksOf(
      {
        chains: { ...chains, items: several },
        serviceMonitors,
        prometheuses: prometheuses.value,
        namespaces,
        prometheusOperators,
      },
      prometheusStates.ok ? prometheusStates.value.items : [],
    )
    const judged = links.map(link => {
      const shared = isOfFiles(link, unheard) ? sharedByObjects(link, namespaces) : sharedTargets(link)
      return { link, findings: duplicated(link, shared) }
    })
    return {
      findings: judged.flatMap(({ findings }) => findings),
      unknown: [
        ...unlisted,
        ...unlistedPrometheuses(prometheuses.value),
        ...(unheard.length > 0
          ? [{ missing: unheard, reason }]
          : judged.filter(({ findings }) => findings.length === 0).flatMap(({ link }) => unseen(link))),
      ],
      notes,
    }
  },
})

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

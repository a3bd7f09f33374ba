import { releaseOf } from '../../helm/owning-release.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { Target } from '../../model/prometheus.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { defineCheck } from '../define-check.ts'
import { type Link, linksOf, nameOf, originOf, targetsOf, whyUnasked } from '../scrape/links.ts'

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
    if (monitored.every(({ monitors }) => monitors.length === 0))
      return { notApplicable: 'there is no ServiceMonitor of a Dynamo operator' }
    const several = monitored.filter(({ monitors }) => monitors.length > 1).map(({ chain }) => chain)
    const notes = monitored.map(({ chain, monitors }) => `${chain.id}: ${monitors.length} in its namespace`)
    if (several.length === 0) return { findings: [], notes }
    if (!prometheuses.ok || !prometheusStates.ok)
      return {
        findings: [],
        unknown: [
          {
            missing: [prometheuses, prometheusStates].flatMap(read => (read.ok ? [] : [read.unavailable])),
            reason: `whether the ServiceMonitors of ${several.map(({ id }) => id).join(', ')} scrape the same`,
          },
        ],
      }
    const links = linksOf(
      {
        chains: { ...chains, items: several },
        serviceMonitors,
        prometheuses: prometheuses.value,
        namespaces,
        prometheusOperators,
      },
      prometheusStates.value.items,
    )
    const judged = links.map(link => ({ link, findings: duplicatedIn(link) }))
    return {
      findings: judged.flatMap(({ findings }) => findings),
      unknown: judged.filter(({ findings }) => findings.length === 0).flatMap(({ link }) => unseen(link)),
      notes,
    }
  },
})

/** A target that two jobs of one Prometheus scrape: what each ServiceMonitor got is its own word, so nothing is guessed. */
const duplicatedIn = (link: Link): readonly Finding<'monitor/duplicated'>[] => {
  const shared = [...Map.groupBy(targetsOf(link), ({ scrapeUrl }) => scrapeUrl)]
    .map(([url, targets]) => ({
      url,
      targets,
      monitors: distinct(targets.flatMap(target => originOf(link, target) ?? [])),
    }))
    .filter(({ monitors }) => monitors.length > 1)
  const [original, ...copies] = link.monitors
    .filter(monitor => shared.some(({ monitors }) => monitors.includes(monitor)))
    .toSorted(byOrigin(link.chain))
  if (!original) return []
  return copies.flatMap(copy => {
    const twice = shared.filter(({ monitors }) => monitors.includes(copy) && monitors.includes(original))
    const distinguished = twice.some(({ targets }) => new Set(targets.map(labelsOf)).size > 1)
    return twice.length > 0
      ? [duplicated(link, { original, copy, urls: twice.map(({ url }) => url), distinguished })]
      : []
  })
}

const labelsOf = ({ labels }: Target): string => JSON.stringify(Object.entries(labels).sort())

const distinct = (origins: readonly { readonly monitor: ServiceMonitor }[]): readonly ServiceMonitor[] => [
  ...new Set(origins.map(({ monitor }) => monitor)),
]

/** The installation's own first, then a Helm release's, then the older: what comes behind is the copy. */
const byOrigin =
  ({ expected }: Chain) =>
  (a: ServiceMonitor, b: ServiceMonitor): number => {
    const rank = (monitor: ServiceMonitor): string =>
      [
        sameObject(refOf(monitor), expected.serviceMonitor) ? 0 : 1,
        releaseOf(monitor) ? 0 : 1,
        monitor.metadata.creationTimestamp ?? '',
        monitor.metadata.name,
      ].join(' ')
    return rank(a) < rank(b) ? -1 : 1
  }

interface Duplicate {
  readonly original: ServiceMonitor
  readonly copy: ServiceMonitor
  readonly urls: readonly string[]
  /** Whether the two give their targets different labels. */
  readonly distinguished: boolean
}

const duplicated = (link: Link, { original, copy, urls, distinguished }: Duplicate): Finding<'monitor/duplicated'> => {
  const subject = refOf(copy)
  return {
    code: 'monitor/duplicated',
    subject,
    about: [...link.about, refOf(original)],
    message: `${formatRef(subject)} scrapes what ${formatRef(refOf(original))} scrapes already`,
    evidence: [
      {
        ref: refOf(link.prometheus),
        path: 'active targets',
        expected: `${urls.join(', ')} once, for ${formatRef(refOf(original))}`,
        actual: `once more, for ${formatRef(subject)}`,
      },
    ],
    because: distinguished
      ? 'both select the same Service and name the same port under different labels, so every series is stored twice and sums are doubled'
      : 'both select the same Service and name the same port under the same labels, so the operator is scraped twice for one set of series',
    fixes: [deletion(copy)],
  }
}

const deletion = (copy: ServiceMonitor): Fix => {
  const { namespace, name } = refOf(copy)
  const release = releaseOf(copy)
  return {
    id: 'delete-copy',
    title: 'Delete the ServiceMonitor that is one too many',
    risk: 'manual',
    at: release ? 'source' : 'live',
    steps: [
      {
        do: 'tell',
        text: release
          ? `The Helm release ${release.namespace}/${release.name} made ${name}: switch it off in its values, or delete the other one.`
          : `See first that nothing else needs ${name}: dashboards and alerts may name its job.`,
        commands: release
          ? [`helm get values ${release.name} -n ${release.namespace}`]
          : [`kubectl -n ${namespace} delete servicemonitor ${name}`],
      },
    ],
    lasts: release ? 'Yes, once the values say so.' : 'Yes, unless what made it makes it again.',
    verify: ['monitor-distinct', 'scrape-target-up'],
  }
}

/** A shard that did not answer may scrape both. */
const unseen = (link: Link) => {
  const missing = link.shards.flatMap(({ active }) => (active.ok ? [] : [active.unavailable]))
  const reason = `whether the ServiceMonitors of ${link.chain.id} scrape the same into ${nameOf(link)}`
  const unasked = whyUnasked(link)
  return missing.length > 0 || unasked !== undefined
    ? [{ missing, reason: unasked === undefined ? reason : `${reason}: ${unasked}` }]
    : []
}

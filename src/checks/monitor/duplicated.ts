import { releaseOf } from '../../helm/owning-release.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { Link } from '../scrape/links.ts'

/** Something that ServiceMonitors lead one Prometheus to. */
export interface Shared {
  /** The target's address; of objects alone, the port and the path. */
  readonly what: string
  readonly monitors: readonly ServiceMonitor[]
  /** Whether they give it different labels; absent where only a running Prometheus could tell. */
  readonly distinguished?: boolean
}

/** One finding for each ServiceMonitor that leads to what another leads to already. */
export const duplicated = (link: Link, all: readonly Shared[]): readonly Finding<'monitor/duplicated'>[] => {
  const shared = all.filter(({ monitors }) => monitors.length > 1)
  const [original, ...copies] = link.monitors
    .filter(monitor => shared.some(({ monitors }) => monitors.includes(monitor)))
    .toSorted(byOrigin(link.chain))
  if (!original) return []
  return copies.flatMap(copy => {
    const twice = shared.filter(({ monitors }) => monitors.includes(copy) && monitors.includes(original))
    return twice.length > 0 ? [findingOf(link, original, copy, twice)] : []
  })
}

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

const findingOf = (
  link: Link,
  original: ServiceMonitor,
  copy: ServiceMonitor,
  twice: readonly Shared[],
): Finding<'monitor/duplicated'> => {
  const subject = refOf(copy)
  const live = twice.some(({ distinguished }) => distinguished !== undefined)
  return {
    code: 'monitor/duplicated',
    subject,
    about: [...link.about, refOf(original)],
    message: `${formatRef(subject)} scrapes what ${formatRef(refOf(original))} scrapes already`,
    evidence: [
      {
        ref: refOf(link.prometheus),
        path: live ? 'active targets' : 'spec.serviceMonitorSelector',
        expected: `${twice.map(({ what }) => what).join(', ')} once, for ${formatRef(refOf(original))}`,
        actual: `once more, for ${formatRef(subject)}`,
      },
    ],
    because: becauseOf(twice),
    fixes: [deletion(copy)],
  }
}

const becauseOf = (twice: readonly Shared[]): string => {
  if (twice.some(({ distinguished }) => distinguished === undefined))
    return 'both are selected, and both lead to the same port of the same Service'
  return twice.some(({ distinguished }) => distinguished)
    ? 'both select the same Service and name the same port under different labels, so every series is stored twice and sums are doubled'
    : 'both select the same Service and name the same port under the same labels, so the operator is scraped twice for one set of series'
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
          : `${isOurs(copy) ? `doctor --fix made ${name} while the other one was not selected. ` : ''}See first that nothing else needs ${name}: dashboards and alerts may name its job.`,
        commands: release
          ? [`helm get values ${release.name} -n ${release.namespace}`]
          : [`kubectl -n ${namespace} delete servicemonitor ${name}`],
      },
    ],
    lasts: release ? 'Yes, once the values say so.' : 'Yes, unless what made it makes it again.',
    verify: ['monitor-distinct', 'scrape-target-up'],
  }
}

const isOurs = ({ metadata }: ServiceMonitor): boolean =>
  metadata.labels?.['app.kubernetes.io/managed-by'] === 'dynamo-metrics'

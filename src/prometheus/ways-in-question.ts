import { refOf, sameObject } from '../kubernetes/object-ref.ts'
import type { Chain } from '../model/chain.ts'
import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { PrometheusState, Target } from '../model/prometheus.ts'
import { monitorsOf } from './monitors-of-chain.ts'
import { ownTargets } from './own-targets.ts'
import { classifyScrapeError, type ScrapeErrorCode } from './scrape-error.ts'

/** A Prometheus and a chain of which no answer proves that the network lets one reach the other. */
export interface Way {
  readonly chain: Chain
  readonly prometheus: Prometheus
  /** The scrapes that did not get through, with the pod that tried. Empty where nothing is known of any. */
  readonly unreached: readonly { readonly pod: string; readonly target: Target }[]
}

/**
 * The ways from each Prometheus to each chain that the network may have closed. One is open where a target of the chain
 * answered, whatever it said. Where no target of a chain is known, each way is in question.
 */
export const waysInQuestion = (known: {
  readonly chains: readonly Chain[]
  readonly serviceMonitors: readonly ServiceMonitor[]
  readonly prometheuses: readonly Prometheus[]
  readonly states: readonly PrometheusState[]
}): readonly Way[] =>
  known.chains.flatMap(chain => {
    const monitors = monitorsOf(chain, known.serviceMonitors)
    if (monitors.length === 0) return []
    const ways = known.prometheuses.map(prometheus => {
      const scrapes = scrapesOf(chain, monitors, prometheus, known.states)
      return {
        chain,
        prometheus,
        unreached: scrapes.filter(({ target }) => isUnreached(target)),
        reached: scrapes.some(({ target }) => isReached(target)),
      }
    })
    const closed = ways.filter(({ unreached }) => unreached.length > 0)
    return closed.length > 0 || ways.some(({ reached }) => reached) ? closed : ways
  })

const scrapesOf = (
  chain: Chain,
  monitors: readonly ServiceMonitor[],
  prometheus: Prometheus,
  states: readonly PrometheusState[],
): Way['unreached'] =>
  (states.find(state => sameObject(state.prometheus, refOf(prometheus)))?.shards ?? [])
    .map(ownTargets(chain, monitors))
    .flatMap(({ pod, active }) => (active.ok ? active.value.map(target => ({ pod, target })) : []))

/** How packets that a policy keeps out end: dropped ones in silence, rejected ones in a refusal. */
const unreachedCodes: ReadonlySet<ScrapeErrorCode> = new Set(['scrape/connection-refused', 'scrape/timeout'])

const isUnreached = ({ health, lastError }: Target): boolean =>
  health === 'down' && unreachedCodes.has(classifyScrapeError(lastError).code)

/** A name that does not resolve says nothing of the way. */
const isReached = (target: Target): boolean =>
  target.health === 'up' ||
  (target.health === 'down' && !isUnreached(target) && classifyScrapeError(target.lastError).code !== 'scrape/dns')

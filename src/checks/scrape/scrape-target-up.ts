import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Pod } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { OtherPolicies, Target } from '../../model/prometheus.ts'
import { classifyScrapeError, type ScrapeErrorCode } from '../../prometheus/scrape-error.ts'
import { unlessUnread } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { beforeAnswer, beforeScrape } from './caused-by.ts'
import { isEarlyScrape } from './early-scrape.ts'
import { judgeWays, type WayJudgement } from './judge-way.ts'
import {
  isActiveSomewhere,
  isUpSomewhere,
  type Link,
  linksOf,
  nameOf,
  noLink,
  originOf,
  targetsOf,
  unansweredBy,
  whyUnasked,
} from './links.ts'
import { repairOf } from './scrape-error-repairs.ts'

type DownCode = Exclude<ScrapeErrorCode, 'scrape/unauthorized' | 'scrape/forbidden'>
type Code = DownCode | 'scrape/not-scraped-yet'

const error = (title: string) => ({ title, severity: 'error', causedBy: beforeScrape }) as const
const unreached = (title: string) =>
  ({ title, severity: 'error', causedBy: [...beforeAnswer, 'scrape/network-policy'] }) as const

export const scrapeTargetUp = defineCheck({
  id: 'scrape-target-up',
  title: 'The target is up',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses', 'prometheusStates'],
  wants: [
    'namespaces',
    'prometheusOperators',
    'networkPolicies',
    'prometheusNamespaces',
    'prometheusPods',
    'operatorPods',
    'otherPolicies',
  ],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/not-scraped-yet': { title: 'The target has not been scraped yet', severity: 'pending' },
    'scrape/connection-refused': unreached('Nothing listens where Prometheus scrapes'),
    'scrape/timeout': unreached('The scrape does not end in time'),
    'scrape/dns': error('The name of the target does not resolve'),
    'scrape/tls': error('The TLS connection to the target fails'),
    'scrape/scheme-mismatch': error('HTTP is spoken to HTTPS, or the reverse'),
    'scrape/not-found': error('The metrics are not under this path (404)'),
    'scrape/content-type': error('The answer’s content type is not one that Prometheus takes'),
    'scrape/limit-exceeded': error('The scrape exceeds a limit of the Prometheus'),
    'scrape/down': {
      title: 'The target is down',
      severity: 'error',
      causedBy: [...beforeAnswer, 'scrape/unauthorized', 'scrape/forbidden'],
    },
  },
  run(facts) {
    const links = linksOf(facts, facts.prometheusStates.items)
    const scraping = links.filter(link => targetsOf(link).length > 0)
    const unasked = links.filter(link => !isActiveSomewhere(link, links) && !isAsked(link))
    if (scraping.length === 0 && unasked.length === 0)
      return links.length === 0
        ? noLink(facts)
        : unlessUnread('no Prometheus has a target of the operator', facts.prometheuses.unread)
    const judged = judgeWays(links, { ...facts, prometheusStates: { ok: true, value: facts.prometheusStates } })
    return {
      findings: scraping.flatMap(link =>
        findingsOf(link, links, {
          closing: closing(judged.find(way => way.link === link)?.judgement),
          others: facts.otherPolicies.ok ? facts.otherPolicies.value : [],
          pods:
            facts.operatorPods.ok && facts.operatorPods.value.unread.length === 0 ? facts.operatorPods.value.items : [],
        }),
      ),
      unknown: unasked.map(link => ({
        missing: unansweredBy(link),
        reason: whyUnasked(link) ?? `whether the target of ${link.chain.id} is up in ${nameOf(link)}`,
      })),
      notes: scraping.flatMap(link =>
        targetsOf(link)
          .filter(({ health }) => health === 'up')
          .map(({ scrapeUrl }) => `${nameOf(link)}: ${scrapeUrl} is up`),
      ),
    }
  },
})

interface Around {
  /** The NetworkPolicy at which scrape/network-policy says that this Prometheus is kept out. */
  readonly closing: readonly ObjectRef[]
  /** Kinds that are here and were not evaluated. */
  readonly others: readonly OtherPolicies[]
  readonly pods: readonly Pod[]
}

const closing = (judgement: WayJudgement | undefined): readonly ObjectRef[] =>
  judgement?.verdict === 'closed' ? judgement.passages[0].selecting.slice(0, 1).map(({ policy }) => refOf(policy)) : []

const isAsked = ({ shards }: Link): boolean => shards.length > 0 && shards.every(({ active }) => active.ok)

/**
 * One finding a code. Where a target of the chain is up, in this Prometheus or in another, no family of metrics is
 * hidden: what is down beside it is only worth a warning.
 */
const findingsOf = (link: Link, links: readonly Link[], around: Around): readonly Finding<Code>[] => {
  const isEarly = (target: Target) => isEarlyScrape(target, around.pods)
  const waiting = targetsOf(link).filter(target => target.health === 'unknown' || isEarly(target))
  const down = downByCode(
    link,
    targetsOf(link).filter(target => target.health === 'down' && !isEarly(target)),
  )
  const findings = [...down].map(([code, targets]) => downFinding(link, code, targets, around))
  if (isUpSomewhere(link, links)) return findings.map(finding => ({ ...finding, severity: 'warning' as const }))
  return findings.length === 0 && waiting.length > 0 ? [notYet(link, waiting)] : findings
}

const downByCode = (link: Link, down: readonly Target[]): ReadonlyMap<DownCode, readonly Target[]> => {
  const byCode = new Map<DownCode, Target[]>()
  for (const target of down) {
    const code = codeOf(link, target)
    byCode.set(code, [...(byCode.get(code) ?? []), target])
  }
  return byCode
}

/** A refusal is found by scrape/unauthorized and scrape/forbidden, which explain that the target is down. */
const codeOf = ({ chain }: Link, { lastError, scrapeUrl }: Target): DownCode => {
  const { code } = classifyScrapeError(lastError, { era: chain.era, scrapeUrl })
  return code === 'scrape/unauthorized' || code === 'scrape/forbidden' ? 'scrape/down' : code
}

const downFinding = (
  link: Link,
  code: DownCode,
  targets: readonly Target[],
  { closing: closed, others: unjudged }: Around,
): Finding<Code> => {
  const [target] = targets
  const { monitor = link.monitors[0], index = 0 } = (target && originOf(link, target)) ?? {}
  const { subject, evidence, because, fixes } = repairOf(code, {
    link,
    monitor,
    index,
    target,
    unjudged: closed.length > 0 ? [] : unjudged,
  })
  const [first, ...others] = targets.map(({ scrapeUrl, lastError }) => ({
    ref: refOf(link.prometheus),
    path: `target ${scrapeUrl}`,
    expected: 'up',
    actual: lastError || 'down',
  }))
  return {
    code,
    subject,
    about: [...link.about, subject, ...closed],
    message: `${nameOf(link)} scrapes ${target?.scrapeUrl ?? 'the operator'}, and it is down`,
    evidence: [first ?? { ref: subject, expected: 'up', actual: 'down' }, ...others, ...evidence],
    because,
    fixes,
  }
}

const notYet = (link: Link, targets: readonly Target[]): Finding<Code> => {
  const subject = refOf(link.prometheus)
  const [first, ...others] = targets.map(({ scrapeUrl }) => ({
    ref: subject,
    path: `target ${scrapeUrl}`,
    expected: 'up',
    actual: 'unknown: no scrape since it is ready',
  }))
  return {
    code: 'scrape/not-scraped-yet',
    subject,
    about: link.about,
    message: `${formatRef(subject)} knows the target and has not scraped it yet`,
    evidence: [first ?? { ref: subject, expected: 'up', actual: 'unknown' }, ...others],
    because: 'the first scrape comes within one interval',
    fixes: [],
  }
}

import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import { inWords } from '../../kubernetes/rbac.ts'
import { ignoringArgument, rbacProxyOf } from '../../kubernetes/rbac-proxy.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { ScrapeAccess, Target } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, unreadIn } from '../../model/read.ts'
import { accountOf } from '../../prometheus/account-of.ts'
import { classifyScrapeError } from '../../prometheus/scrape-error.ts'
import { defineCheck } from '../define-check.ts'
import { correctionFixes, type Denied, denialEvidence, grantSteps } from '../denied-access.ts'
import { beforeAnswer, beforeScrape } from './caused-by.ts'
import { isUpSomewhere, type Link, linksOf, nameOf, noLink, originOf, targetsOf } from './links.ts'
import { sendsToken, tokenFault } from './token-fault.ts'

type Code = 'scrape/unauthorized' | 'scrape/forbidden'

export const scrapeAuthorized = defineCheck({
  id: 'scrape-authorized',
  title: 'Prometheus may read the metrics',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: ['prometheusStates', 'scrapeAccess', 'namespaces', 'prometheusOperators'],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/unauthorized': {
      title: 'The operator does not know who scrapes it (401)',
      severity: 'error',
      causedBy: beforeAnswer,
    },
    'scrape/forbidden': {
      title: 'The Prometheus ServiceAccount may not read /metrics (403)',
      severity: 'error',
      causedBy: [...beforeScrape, 'stack/service-account-missing'],
    },
  },
  run(facts) {
    const { prometheusStates, scrapeAccess } = facts
    const links = linksOf(facts, itemsIn(prometheusStates))
    if (links.length === 0) return noLink(facts)
    const scraping = links.filter(hasEndpoint)
    if (scraping.length === 0) return { notApplicable: 'no ServiceMonitor has an endpoint' }
    const judged = scraping.map(link => judge(link, scrapeAccess))
    const unread = [prometheusStates, scrapeAccess].flatMap(unreadIn)
    return {
      findings: judged.flatMap(judgement =>
        isUpSomewhere(judgement.link, links)
          ? findingOf(judgement).map(finding => ({ ...finding, severity: 'warning' }))
          : findingOf(judgement),
      ),
      unknown: judged
        .filter(({ verdict }) => verdict === 'unknown')
        .map(({ link }) => ({
          missing: unread,
          reason: `whether ${formatRef(accountOf(link.prometheus))} may read the metrics of ${link.chain.id}`,
        })),
      notes: judged
        .filter(({ verdict }) => verdict === 'allowed')
        .map(({ link }) => `${formatRef(accountOf(link.prometheus))} may read the metrics of ${link.chain.id}`),
    }
  },
})

const hasEndpoint = ({ monitors }: Link): boolean => monitors.some(({ spec }) => (spec?.endpoints ?? []).length > 0)

type Answer = ScrapeAccess['answers'][number]

interface Judgement {
  readonly link: Link
  readonly verdict: 'allowed' | 'unauthorized' | 'forbidden' | 'unknown'
  /** The target that says so. */
  readonly target?: Target
  readonly denied: readonly Answer[]
}

/**
 * The target's own answer counts before the API server's review: one that is up lets this Prometheus read, whoever it
 * asks for that. Any other answer than a refusal says that the refusal, if there is one, was not reached.
 */
const judge = (link: Link, access: Read<Listing<ScrapeAccess>>): Judgement => {
  const targets = targetsOf(link)
  const refusals = targets.flatMap(target => {
    const { code } = classifyScrapeError(target.lastError, { era: link.chain.era, scrapeUrl: target.scrapeUrl })
    return target.health === 'down' && (code === 'scrape/unauthorized' || code === 'scrape/forbidden')
      ? [{ code, target }]
      : []
  })
  const answers = pathAnswers(link, access)
  const denied = answers.filter(({ allowed }) => !allowed)
  const [refusal] = refusals
  if (targets.some(({ health }) => health === 'up')) return { link, verdict: 'allowed', denied: [] }
  if (refusal)
    return {
      link,
      target: refusal.target,
      denied,
      verdict: refusal.code === 'scrape/forbidden' ? 'forbidden' : 'unauthorized',
    }
  if (denied.length > 0) return { link, verdict: 'forbidden', denied }
  if (asksNobody(link.chain)) return { link, verdict: 'allowed', denied }
  return { link, verdict: answers.length > 0 ? 'allowed' : 'unknown', denied }
}

/** A proxy that lets the metrics pass lets everybody have them. */
const asksNobody = ({ workload }: Chain): boolean => {
  const proxy = rbacProxyOf(workload)
  return proxy !== undefined && ignoringArgument(proxy, '/metrics') !== undefined
}

/** What the API server's review says of reading metrics. Before 1.0 a proxy let /metrics pass, and nobody is asked. */
const pathAnswers = ({ chain, prometheus }: Link, access: Read<Listing<ScrapeAccess>>): readonly Answer[] =>
  access.ok && chain.era !== '0.8' && chain.era !== '0.9'
    ? access.value.items
        .filter(one => sameObject(one.prometheus, refOf(prometheus)))
        .flatMap(({ answers }) => answers.filter(({ needed }) => needed.path !== undefined))
    : []

/** What the review denies stands behind a token that is not taken, too: it shows as soon as one is. */
const findingOf = ({ target, ...judgement }: Judgement): readonly Finding<Code>[] => {
  if (judgement.verdict === 'forbidden') return [forbidden(judgement, target)]
  if (judgement.verdict !== 'unauthorized' || !target) return []
  return [unauthorized(judgement, target), ...(judgement.denied.length > 0 ? [forbidden(judgement, undefined)] : [])]
}

const targetEvidence = ({ prometheus }: Link, { scrapeUrl, lastError }: Target): Evidence => ({
  ref: refOf(prometheus),
  path: `target ${scrapeUrl}`,
  expected: 'up',
  actual: lastError,
})

const unauthorized = ({ link }: Pick<Judgement, 'link'>, target: Target): Finding<Code> => {
  const fault = tokenFault(link, target)
  return {
    code: 'scrape/unauthorized',
    subject: fault.subject,
    about: [...link.about, fault.subject],
    // Only an operator that cannot have tokens checked may do so for the reason that it is not ready.
    ...(sameObject(fault.subject, refOf(link.chain.workload)) ? {} : { causedBy: beforeScrape }),
    message: `${nameOf(link)} is turned away by the operator: ${fault.message}`,
    evidence: [targetEvidence(link, target), ...fault.evidence],
    because: fault.because,
    fixes: fault.fixes,
  }
}

const verify = ['scrape-authorized', 'scrape-target-up']

/** A review that denies it needs no scrape to be true: what keeps the scrape away is no cause of it, but that nobody is there to be granted it. */
const forbidden = ({ link, denied }: Pick<Judgement, 'link' | 'denied'>, target: Target | undefined): Finding<Code> => {
  const subject = accountOf(link.prometheus)
  const path = denied[0]?.needed.path ?? /^\w+:\/\/[^/]+(\/[^?]*)/.exec(target?.scrapeUrl ?? '')?.[1] ?? '/metrics'
  const [first, ...rest] = [...(target ? [targetEvidence(link, target)] : []), ...denialEvidence(subject, denied)]
  return {
    code: 'scrape/forbidden',
    subject,
    about: [...link.about, subject],
    ...(denied.length > 0 ? { causedBy: ['stack/service-account-missing'] } : {}),
    message: `${formatRef(subject)}, which ${nameOf(link)} runs as, may not read ${path} of the operator`,
    evidence: [first ?? { ref: subject, path: `get ${path}`, expected: 'allowed', actual: 'refused' }, ...rest],
    because:
      'from 1.0 on the operator asks the API server whether the account that scrapes it may get the non-resource URL /metrics',
    fixes: sendsOwnToken(link, target)
      ? [grantOther(path)]
      : [
          grantPath(subject, denied.length > 0 ? denied : [{ needed: { verb: 'get', path }, allowed: false }]),
          ...correctionFixes(denied, verify),
        ],
  }
}

/** A token of the ServiceMonitor's own is another account's than the Prometheus's. */
const sendsOwnToken = (link: Link, target: Target | undefined): boolean => {
  const { monitor, index = 0 } = (target && originOf(link, target)) ?? {}
  const endpoint = monitor?.spec?.endpoints?.[index]
  return endpoint !== undefined && !endpoint.bearerTokenFile && sendsToken(endpoint)
}

const grantOther = (path: string): Fix => ({
  id: 'grant-token-owner',
  title: 'Grant the account whose token the ServiceMonitor sends',
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: `The ServiceMonitor sends a token from a Secret: the account that this token belongs to needs get on the non-resource URL ${path}.`,
    },
  ],
  lasts: 'Yes: the role and the binding are your own.',
  verify,
})

const grantPath = (account: ObjectRef, denied: readonly Denied[]): Fix => ({
  id: 'grant-metrics',
  title: `Let ${formatRef(account)} ${denied.map(({ needed }) => inWords(needed)).join(', ')}`,
  risk: 'disruptive',
  at: 'live',
  steps: grantSteps(account, 'scrape', denied),
  lasts:
    'Yes: the role and the binding are your own. The operator keeps a refusal for half a minute, so the target comes up shortly after.',
  verify,
})

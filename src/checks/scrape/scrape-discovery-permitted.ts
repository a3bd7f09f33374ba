import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { ScrapeAccess } from '../../model/prometheus.ts'
import { itemsIn } from '../../model/read.ts'
import { accountOf } from '../../prometheus/account-of.ts'
import { defineCheck } from '../define-check.ts'
import { correctionFixes, denialEvidence, grantSteps } from '../denied-access.ts'
import { byPrometheus, hasActive, isActiveSomewhere, type Link, linksOf, noLink } from './links.ts'

export const scrapeDiscoveryPermitted = defineCheck({
  id: 'scrape-discovery-permitted',
  title: 'Prometheus may discover the Service',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses', 'scrapeAccess'],
  wants: ['prometheusStates', 'namespaces', 'prometheusOperators'],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/discovery-forbidden': {
      title: 'The Prometheus ServiceAccount may not list what service discovery needs',
      severity: 'error',
      causedBy: ['monitor/namespace-selector-mismatch', 'stack/service-account-missing'],
    },
  },
  run(facts) {
    const { prometheusStates, scrapeAccess } = facts
    const links = linksOf(facts, itemsIn(prometheusStates))
    if (links.length === 0) return noLink(facts)
    const asked = byPrometheus(links).flatMap(own => {
      const [link] = own
      const access = link && scrapeAccess.items.find(({ prometheus }) => sameObject(prometheus, refOf(link.prometheus)))
      return link ? [{ own, account: formatRef(accountOf(link.prometheus)), access }] : []
    })
    const spared = (own: readonly Link[]) => own.every(link => isActiveSomewhere(link, links))
    return {
      findings: asked.flatMap(({ own, access }) =>
        access
          ? forbidden(access, own).map(finding => (spared(own) ? { ...finding, severity: 'warning' } : finding))
          : [],
      ),
      unknown: asked
        .filter(({ access }) => access === undefined)
        .map(({ account }) => ({ missing: scrapeAccess.unread, reason: `what ${account} may list` })),
      notes: asked.map(({ account }) => `${account} may list what it needs`),
    }
  },
})

const forbidden = (
  { prometheus, serviceAccount, answers }: ScrapeAccess,
  own: readonly Link[],
): readonly Finding<'scrape/discovery-forbidden'>[] => {
  const denied = answers.filter(({ needed, allowed }) => needed.resource !== undefined && !allowed)
  const [first, ...rest] = denialEvidence(serviceAccount, denied)
  if (!first) return []
  return [
    {
      code: 'scrape/discovery-forbidden',
      subject: serviceAccount,
      about: [...own.flatMap(({ about }) => about), prometheus, serviceAccount],
      message: `${formatRef(serviceAccount)}, which ${formatRef(prometheus)} runs as, may not list what service discovery needs`,
      evidence: [first, ...rest],
      because: own.some(hasActive)
        ? 'the watches that Prometheus opened while it still had the right go on: discovery ends with its next restart'
        : 'discovery of a namespace begins only when services, endpoints and pods have all been listed: one missing right hides them all',
      fixes: [
        {
          id: 'grant-discovery',
          title: 'Grant the ServiceAccount what discovery needs',
          risk: 'disruptive',
          at: 'live',
          steps: grantSteps(serviceAccount, 'discovery', denied),
          lasts:
            'Yes: the role and the binding are your own. The lasting place is the chart of the monitoring stack, which should grant it itself.',
          verify,
        },
        ...correctionFixes(denied, verify),
      ],
    },
  ]
}

const verify = ['scrape-discovery-permitted', 'scrape-target-up']

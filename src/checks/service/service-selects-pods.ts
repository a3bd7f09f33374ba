import { matchSelector } from '../../kubernetes/label-selector.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Service } from '../../model/kubernetes.ts'
import { activeTargets } from '../../prometheus/active-targets.ts'
import { isTargetOf } from '../../prometheus/target-of-service.ts'
import { aboutChain } from '../about-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { lastsAsRendered } from '../scrape/lasts-on.ts'

export const serviceSelectsPods = defineCheck({
  id: 'service-selects-pods',
  title: 'The metrics Service selects the operator’s pods',
  area: 'service',
  needs: ['chains'],
  wants: ['prometheusStates'],
  provedBy: 'metrics-families-present',
  codes: {
    'service/selects-nothing': { title: 'The Service’s selector matches no pod of the operator', severity: 'error' },
  },
  run({ chains, prometheusStates }) {
    const withService = chains.items.filter(({ service }) => service !== undefined)
    if (withService.length === 0) return none('there is no metrics Service', chains)
    const targets = activeTargets(prometheusStates)
    const isScraped = (service: Service) =>
      targets.some(target => target.health === 'up' && isTargetOf(target, service))
    return {
      findings: withService.flatMap(chain => (chain.service ? mismatch(chain, chain.service, isScraped) : [])),
      notes: withService.map(({ service }) => service?.metadata.name ?? ''),
    }
  },
})

/**
 * Judged against the pod template: pods that do not run, or not yet, carry the same labels. The endpoints of a Service
 * without a selector are whoever's who wrote them: one that is scraped leads to the operator as long as its pods stay.
 */
const mismatch = (
  chain: Chain,
  service: Service,
  isScraped: (service: Service) => boolean,
): readonly Finding<'service/selects-nothing'>[] => {
  const subject = refOf(service)
  const labels = chain.workload.spec?.template?.metadata?.labels ?? {}
  const wanted = service.spec?.selector ?? {}
  const verdict = matchSelector({ matchLabels: wanted }, labels)
  const isFree = Object.keys(wanted).length === 0
  if (verdict.matches && !isFree) return []
  const leads = isFree && isScraped(service)
  const ends = isFree ? 'it has no selector' : 'it has no endpoints'
  const [first, ...rest] = verdict.clauses
    .filter(clause => !clause.matches)
    .map(
      (clause): Evidence => ({
        ref: subject,
        path: `spec.selector.${clause.key}`,
        expected: clause.found,
        actual: clause.wanted,
      }),
    )
  const patch = Object.fromEntries(
    verdict.clauses.filter(clause => !clause.matches).map(({ key }) => [key, labels[key] ?? null]),
  )
  return [
    {
      code: 'service/selects-nothing',
      subject,
      about: aboutChain(chain),
      ...(leads ? { severity: 'warning' as const } : {}),
      message: `${formatRef(subject)} selects no pod of ${formatRef(refOf(chain.workload))}: ${leads ? 'its endpoints are kept by hand' : ends}`,
      evidence: [
        first ?? { ref: subject, path: 'spec.selector', expected: 'the labels of the pods', actual: 'no selector' },
        ...rest,
      ],
      because: isFree
        ? 'the Service has no selector, and without one nobody leads it to the operator’s next pods'
        : 'the selector asks for labels that the operator’s pods do not carry',
      fixes: [
        {
          id: 'correct-service-selector',
          title: 'Put back the selector that the pods’ labels ask for',
          risk: 'disruptive',
          at: 'live',
          steps: [
            {
              do: 'patch',
              target: subject,
              type: 'merge',
              patch: { spec: { selector: Object.keys(patch).length > 0 ? patch : labels } },
            },
          ],
          lasts: lastsAsRendered(
            service,
            'Yes where the release renders the same selector: the change only drifted from it.',
          ),
          verify: ['service-selects-pods', 'scrape-target-up'],
        },
      ],
    },
  ]
}

import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import { ignoringArgument, rbacProxyOf } from '../../kubernetes/rbac-proxy.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import { aboutChain } from '../about-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const scrapeEndpointGuarded = defineCheck({
  id: 'scrape-endpoint-guarded',
  title: 'The metrics are shown to nobody without credentials',
  area: 'scrape',
  needs: ['chains'],
  wants: [],
  codes: {
    'scrape/open-metrics-endpoint': {
      title: 'The operator shows its metrics to everybody who reaches it',
      severity: 'warning',
    },
  },
  run({ chains }) {
    const proxied = chains.items.filter(({ workload }) => rbacProxyOf(workload) !== undefined)
    if (proxied.length === 0) return none('no proxy stands before the metrics of an operator', chains)
    return {
      findings: proxied.flatMap(open),
      notes: proxied.map(({ id }) => `${id}: kube-rbac-proxy`),
    }
  },
})

/** What the proxy lets pass, the operator behind it answers: it listens in plain HTTP and asks nothing itself. */
const open = (chain: Chain): readonly Finding<'scrape/open-metrics-endpoint'>[] => {
  const { workload } = chain
  const proxy = rbacProxyOf(workload)
  const argument = proxy && ignoringArgument(proxy, '/metrics')
  if (!proxy || argument === undefined) return []
  const subject = refOf(workload)
  return [
    {
      code: 'scrape/open-metrics-endpoint',
      subject,
      about: aboutChain(chain),
      message: `${formatRef(subject)} shows its metrics to every pod that reaches it, without asking for credentials`,
      evidence: [
        {
          ref: subject,
          path: `spec.template.spec.containers[${proxy.name}].args`,
          expected: 'no --ignore-paths with /metrics',
          actual: argument,
        },
      ],
      because:
        'charts of Dynamo 0.9 let /metrics pass the proxy that asks for everything else; from 1.0 on the operator asks itself',
      fixes: [
        {
          id: 'upgrade-past-the-proxy',
          title: 'Upgrade the Dynamo platform to 1.0 or later, or keep others out by a NetworkPolicy',
          risk: 'manual',
          at: 'source',
          steps: [
            {
              do: 'tell',
              text: 'From 1.0 on /metrics wants a token that may get it. Until then a NetworkPolicy that lets only Prometheus in keeps the names of your workloads from the rest of the cluster.',
              commands: [],
            },
          ],
          lasts: 'Yes.',
          verify: ['scrape-endpoint-guarded', 'scrape-target-up'],
        },
      ],
    },
  ]
}

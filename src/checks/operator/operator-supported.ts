import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import { aboutChain } from '../about-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const operatorSupported = defineCheck({
  id: 'operator-supported',
  title: 'The Dynamo operator is recent enough to be scraped',
  area: 'operator',
  needs: ['chains'],
  wants: [],
  provedBy: 'metrics-families-present',
  codes: {
    'operator/too-old': {
      title: 'This Dynamo operator is older than 0.9 and has no metrics of its own',
      severity: 'error',
    },
  },
  run({ chains }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    return {
      findings: chains.items.filter(({ era }) => era === '0.8').map(tooOld),
      notes: chains.items.map(({ id, era }) => `${id}: era ${era}`),
    }
  },
})

const tooOld = (chain: Chain): Finding<'operator/too-old'> => {
  const subject = refOf(chain.workload)
  const { install } = chain
  const containers = (chain.workload.spec?.template?.spec?.containers ?? []).map(({ name }) => name)
  return {
    code: 'operator/too-old',
    subject,
    about: aboutChain(chain),
    message: `${formatRef(subject)} is older than Dynamo 0.9: it has neither a metrics Service nor metrics of its own`,
    evidence: [
      {
        ref: subject,
        path: 'spec.template.spec.containers',
        expected: 'no kube-rbac-proxy (1.0 and later), or one with --ignore-paths=/metrics (0.9)',
        actual: `${containers.join(', ')}, without --ignore-paths=/metrics`,
      },
      { ref: chain.expected.service, expected: 'a metrics Service', actual: 'none' },
    ],
    because:
      'the era is told by structure, since charts and images of 0.8 and 0.9 carry the same version; charts before 0.9 render no ServiceMonitor',
    fixes: [
      {
        id: 'upgrade-operator',
        title: 'Upgrade the Dynamo platform',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: 'Upgrade to a chart of 0.9 or later, 1.0 or later by preference: there /metrics asks for credentials. Read the release notes first, for the custom resources change with it.',
            commands:
              install.by === 'helm'
                ? [
                    `helm -n ${install.release.namespace} get values ${install.release.name} > values.yaml`,
                    `helm -n ${install.release.namespace} upgrade ${install.release.name} dynamo-platform-VERSION.tgz -f values.yaml`,
                  ]
                : [],
          },
        ],
        lasts: 'Yes.',
        verify: ['operator-supported', 'service-exists', 'monitor-exists'],
      },
    ],
  }
}

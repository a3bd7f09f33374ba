import { rendersService } from '../../dynamo/values.ts'
import { releaseOfChain } from '../../helm/release-of-chain.ts'
import { releaseValue } from '../../helm/values.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import { unreadIn } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { aboutChain } from '../about-chain.ts'
import { missingIn, none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { upgradeOf } from '../upgrade-of.ts'

const enabledPath = 'dynamo-operator.metricsService.enabled'

export const serviceExists = defineCheck({
  id: 'service-exists',
  title: 'The metrics Service exists',
  area: 'service',
  needs: ['chains', 'operatorServices'],
  wants: ['releases', 'serviceMonitors'],
  provedBy: 'metrics-families-present',
  codes: {
    'service/missing': {
      title: 'The operator has no metrics Service',
      severity: 'error',
      causedBy: ['operator/too-old', 'operator/collection-disabled'],
    },
  },
  run({ chains, operatorServices, releases, serviceMonitors }) {
    const without = chains.items.filter(({ service }) => service === undefined)
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    const judged = without.map(chain =>
      judge(
        chain,
        releases.ok ? releases.value.items : [],
        serviceMonitors.ok && monitorsOf(chain, serviceMonitors.value.items).length > 0,
      ),
    )
    if (judged.length === chains.items.length && judged.every(verdict => verdict === 'disabled'))
      return { notApplicable: 'metrics collection is switched off in the Dynamo release' }
    return {
      findings: without.flatMap((chain, index) =>
        judged[index] === 'missing' && missingIn(operatorServices, chain.workload.metadata.namespace).length === 0
          ? [missing(chain, releases.ok ? releases.value.items : [])]
          : [],
      ),
      unknown: without.flatMap((chain, index) => {
        const unread = missingIn(operatorServices, chain.workload.metadata.namespace)
        if (unread.length > 0) return [{ missing: unread, reason: `whether ${chain.id} has a metrics Service` }]
        return judged[index] === 'unknown'
          ? [
              {
                missing: unreadIn(releases),
                reason: `${chain.id} has no metrics Service; whether collection was switched off on purpose cannot be read`,
              },
            ]
          : []
      }),
      notes: chains.items.flatMap(({ service }) => (service ? [formatRef(refOf(service))] : [])),
    }
  },
})

/** A Service that was switched off is no fault of its own: operator/collection-disabled says so. */
const judge = (
  chain: Chain,
  releases: readonly HelmRelease[],
  monitorStands: boolean,
): 'missing' | 'disabled' | 'unknown' => {
  const release = releaseOfChain(chain, releases)
  const setting = release && releaseValue(release, enabledPath)
  if (setting && !rendersService(chain.era, setting.value)) return 'disabled'
  if (release) return 'missing'
  return monitorStands || chain.era === '0.8' ? 'missing' : 'unknown'
}

const missing = (chain: Chain, releases: readonly HelmRelease[]): Finding<'service/missing'> => {
  const subject = chain.expected.service
  const release = upgradeOf(chain, releases)
  return {
    code: 'service/missing',
    subject,
    about: aboutChain(chain),
    message: `${formatRef(refOf(chain.workload))} has no metrics Service: nothing leads to its metrics`,
    evidence: [
      { ref: subject, expected: `a Service with the labels of ${chain.workload.metadata.name}`, actual: 'none' },
    ],
    because:
      'metrics collection is enabled in the release, so the Service was deleted or its installation did not finish',
    fixes: [
      release
        ? {
            id: 'render-service-again',
            title: 'Upgrade the Dynamo release with the values it has: the chart creates the Service again',
            risk: 'disruptive',
            at: 'source',
            steps: [
              {
                do: 'helm-upgrade',
                release,
                set: {},
              },
            ],
            lasts: 'Yes: the release renders it.',
            verify: ['service-exists', 'service-ports', 'monitor-targets-service'],
          }
        : {
            id: 'deploy-service-again',
            title: 'Sync the deployment that renders the Dynamo chart',
            risk: 'manual',
            at: 'source',
            steps: [{ do: 'tell', text: 'The chart renders the Service unless metricsService.enabled is false.' }],
            lasts: 'Yes: it is part of what is deployed.',
            verify: ['service-exists'],
          },
    ],
  }
}

import { valueOf } from '../../helm/values.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import { aboutChain } from '../about-chain.ts'
import { missingIn } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { releaseOfChain } from '../release-of-chain.ts'

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
    if (chains.items.length === 0) return { notApplicable: 'there is no Dynamo operator' }
    const judged = without.map(chain =>
      judge(
        chain,
        releases.ok ? releases.value.items : [],
        serviceMonitors.ok && serviceMonitors.value.items.length > 0,
      ),
    )
    return {
      findings: without.flatMap((chain, index) =>
        judged[index] === 'missing' && missingIn(operatorServices, chain.workload.metadata.namespace).length === 0
          ? [missing(chain)]
          : [],
      ),
      unknown: without.flatMap((chain, index) => {
        const unread = missingIn(operatorServices, chain.workload.metadata.namespace)
        if (unread.length > 0) return [{ missing: unread, reason: `whether ${chain.id} has a metrics Service` }]
        return judged[index] === 'unknown'
          ? [
              {
                missing: releases.ok ? releases.value.unread : [releases.unavailable],
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
  if (release) return valueOf(release, enabledPath)?.value === false ? 'disabled' : 'missing'
  return monitorStands || chain.era === '0.8' ? 'missing' : 'unknown'
}

const missing = (chain: Chain): Finding<'service/missing'> => {
  const subject = chain.expected.service
  const { install } = chain
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
      install.by === 'helm'
        ? {
            id: 'render-service-again',
            title: 'Upgrade the Dynamo release with the values it has: the chart creates the Service again',
            risk: 'disruptive',
            at: 'source',
            steps: [
              {
                do: 'helm-upgrade',
                release: { ...install.release, ...(install.chart ? { chart: install.chart } : {}) },
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

import { type Deployed, switchOf, unreadOfSwitch } from '../../dynamo/collection-switch.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import { itemsIn } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { aboutChain } from '../about-chain.ts'
import { missingIn, none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { deletedSince, evidenceOf, syncAgain, toldOf } from '../told-by-deployer.ts'
import { upgradeOf } from '../upgrade-of.ts'

export const serviceExists = defineCheck({
  id: 'service-exists',
  title: 'The metrics Service exists',
  area: 'service',
  needs: ['chains', 'operatorServices'],
  wants: ['releases', 'deployers', 'serviceMonitors'],
  provedBy: 'metrics-families-present',
  codes: {
    'service/missing': {
      title: 'The operator has no metrics Service',
      severity: 'error',
      causedBy: ['operator/too-old', 'operator/collection-disabled'],
    },
  },
  run({ chains, operatorServices, releases, deployers, serviceMonitors }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    const deployed = { releases, deployers }
    const monitors = itemsIn(serviceMonitors)
    const lacking = chains.items
      .filter(({ service }) => service === undefined)
      .map(chain => ({ chain, verdict: judge(chain, deployed, monitorsOf(chain, monitors).length > 0) }))
    if (lacking.length === chains.items.length && lacking.every(({ verdict }) => verdict === 'disabled'))
      return { notApplicable: 'metrics collection is switched off in the Dynamo release' }
    const unreadFor = ({ workload }: Chain) => missingIn(operatorServices, workload.metadata.namespace)
    return {
      findings: lacking.flatMap(({ chain, verdict }) =>
        verdict === 'missing' && unreadFor(chain).length === 0 ? [missing(chain, deployed)] : [],
      ),
      unknown: lacking.flatMap(({ chain, verdict }) => {
        const unread = unreadFor(chain)
        if (unread.length > 0) return [{ missing: unread, reason: `whether ${chain.id} has a metrics Service` }]
        return verdict === 'unknown'
          ? [
              {
                missing: unreadOfSwitch(chain, deployed),
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
const judge = (chain: Chain, deployed: Deployed, monitorStands: boolean): 'missing' | 'disabled' | 'unknown' => {
  const known = switchOf(chain, deployed)
  if (known) return known.on ? 'missing' : 'disabled'
  return monitorStands || chain.era === '0.8' ? 'missing' : 'unknown'
}

const missing = (chain: Chain, deployed: Deployed): Finding<'service/missing'> => {
  const { releases } = deployed
  const subject = chain.expected.service
  const told = toldOf(chain, deployed.deployers, subject)
  const release = upgradeOf(chain, itemsIn(releases))
  return {
    code: 'service/missing',
    subject,
    about: aboutChain(chain),
    message: `${formatRef(refOf(chain.workload))} has no metrics Service: nothing leads to its metrics`,
    evidence: [
      { ref: subject, expected: `a Service with the labels of ${chain.workload.metadata.name}`, actual: 'none' },
      ...(told ? [evidenceOf(told)] : []),
    ],
    because: told?.applies
      ? deletedSince(told)
      : `metrics collection is enabled in the ${release ? 'release' : 'values of the chart'}, so the Service was deleted or its installation did not finish`,
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
        : told?.applies
          ? syncAgain(told, ['service-exists', 'service-ports', 'monitor-targets-service'])
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

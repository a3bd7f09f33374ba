import { helmValue, rendersService } from '../../dynamo/values.ts'
import { releaseOfChain } from '../../helm/release-of-chain.ts'
import { releaseValue } from '../../helm/values.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { unreadIn } from '../../model/read.ts'
import { aboutChain } from '../about-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const collectionEnabled = defineCheck({
  id: 'operator-collection-enabled',
  title: 'Metrics collection is switched on',
  area: 'operator',
  needs: ['chains'],
  wants: ['releases'],
  provedBy: 'metrics-families-present',
  codes: {
    'operator/collection-disabled': {
      title: 'Metrics collection is switched off in the Dynamo release',
      severity: 'error',
    },
  },
  run({ chains, releases }) {
    const able = chains.items.filter(({ era }) => helmValue(era, 'enabled') !== undefined)
    if (able.length === 0) return none('there is no Dynamo operator that could be switched', chains)
    const known = releases.ok ? releases.value.items : []
    const unread = unreadIn(releases)
    const withoutService = able.filter(({ service }) => service === undefined)
    return {
      findings: withoutService.flatMap(chain => disabled(chain, releaseOfChain(chain, known))),
      unknown: withoutService
        .filter(chain => releaseOfChain(chain, known) === undefined)
        .map(chain => ({
          missing: unread,
          reason: `whether metrics collection of ${chain.id} was switched off: ${whyNot(chain)}`,
        })),
      notes: able.filter(({ service }) => service !== undefined).map(({ id }) => `${id}: its metrics Service is there`),
    }
  },
})

/** A Service that is there collects, whatever a value says: so this is only asked of chains without one. */
const disabled = (
  chain: Chain,
  release: HelmRelease | undefined,
): readonly Finding<'operator/collection-disabled'>[] => {
  const path = helmValue(chain.era, 'enabled')
  if (release === undefined || path === undefined) return []
  const setting = releaseValue(release, path)
  if (setting === undefined || rendersService(chain.era, setting.value)) return []
  const subject = refOf(chain.workload)
  const { namespace, name, chart } = release
  return [
    {
      code: 'operator/collection-disabled',
      subject,
      about: [...aboutChain(chain), revisionRef(release)],
      message: `Release ${namespace}/${name} switches the metrics of ${formatRef(subject)} off`,
      evidence: [
        {
          ref: revisionRef(release),
          path,
          expected: chain.era === '0.9' ? 'true' : 'true, or not set',
          actual: JSON.stringify(setting.value),
        },
        { ref: chain.expected.service, expected: 'the metrics Service', actual: 'none' },
      ],
      because:
        setting.from === 'user'
          ? `the value was set to ${JSON.stringify(setting.value)} when the release was installed or upgraded`
          : `the chart was packaged with the value ${JSON.stringify(setting.value)}`,
      fixes: [
        {
          id: 'enable-collection',
          title: 'Switch metrics collection on again in the release',
          risk: 'disruptive',
          at: 'source',
          steps: [
            {
              do: 'helm-upgrade',
              release: { namespace, name, chart: chart.name, version: chart.version },
              set: { [path]: true },
            },
          ],
          lasts: 'Yes: it becomes a value of the release.',
          verify: ['operator-collection-enabled', 'service-exists', 'monitor-exists', 'scrape-target-up'],
        },
      ],
    },
  ]
}

/** Where Helm 3 and 4 keep a revision. */
const revisionRef = ({ namespace, name, revision }: HelmRelease): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Secret',
  namespace,
  name: `sh.helm.release.v1.${name}.v${revision}`,
})

const whyNot = ({ install }: Chain): string => {
  switch (install.by) {
    case 'helm':
      return `the values of release ${install.release.namespace}/${install.release.name} could not be read`
    case 'argo-cd':
      return `its values are kept by the Argo CD application ${install.application}`
    case 'flux':
      return `its values are kept by the Flux ${install.kind} ${install.namespace}/${install.name}`
    case 'unknown':
      return 'it was not installed by Helm'
  }
}

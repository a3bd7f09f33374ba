import { type CollectionSwitch, switchOf, unreadOfSwitch, whyNoSwitch } from '../../dynamo/collection-switch.ts'
import { helmValue } from '../../dynamo/values.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { aboutChain } from '../about-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { evidenceOf } from '../told-by-deployer.ts'
import { upgraded } from '../upgrade-of.ts'

export const collectionEnabled = defineCheck({
  id: 'operator-collection-enabled',
  title: 'Metrics collection is switched on',
  area: 'operator',
  needs: ['chains'],
  wants: ['releases', 'deployers'],
  provedBy: 'metrics-families-present',
  codes: {
    'operator/collection-disabled': {
      title: 'Metrics collection is switched off in the Dynamo release',
      severity: 'error',
    },
  },
  run({ chains, releases, deployers }) {
    const able = chains.items.filter(({ era }) => helmValue(era, 'enabled') !== undefined)
    if (able.length === 0) return none('there is no Dynamo operator that could be switched', chains)
    const deployed = { releases, deployers }
    const withoutService = able
      .filter(({ service }) => service === undefined)
      .map(chain => ({ chain, known: switchOf(chain, deployed) }))
    return {
      findings: withoutService.flatMap(({ chain, known }) => (known && !known.on ? [disabled(chain, known)] : [])),
      unknown: withoutService
        .filter(({ known }) => known === undefined)
        .map(({ chain }) => ({
          missing: unreadOfSwitch(chain, deployed),
          reason: `whether metrics collection of ${chain.id} was switched off: ${whyNoSwitch(chain, deployed)}`,
        })),
      notes: able.filter(({ service }) => service !== undefined).map(({ id }) => `${id}: its metrics Service is there`),
    }
  },
})

/** A Service that is there collects, whatever a value says: so this is only asked of chains without one. */
const disabled = (chain: Chain, known: CollectionSwitch): Finding<'operator/collection-disabled'> => {
  const subject = refOf(chain.workload)
  const says = known.by === 'release' ? revisionRef(known.release) : refOf(known.object)
  return {
    code: 'operator/collection-disabled',
    subject,
    about: [...aboutChain(chain), says],
    message: `${known.by === 'release' ? `Release ${known.release.namespace}/${known.release.name}` : formatRef(says)} switches the metrics of ${formatRef(subject)} off`,
    evidence: [
      known.by === 'applied'
        ? evidenceOf({ deployer: says, object: chain.expected.service, applies: false })
        : {
            ref: says,
            path: known.path,
            expected: chain.era === '0.9' ? 'true' : 'true, or not set',
            actual: JSON.stringify(known.setting?.value),
          },
      { ref: chain.expected.service, expected: 'the metrics Service', actual: 'none' },
    ],
    because: becauseOf(known),
    fixes: [
      known.by === 'release'
        ? enableInRelease(known.release, known.path)
        : enableInGit(known.by === 'application' ? known.path : (helmValue(chain.era, 'enabled') ?? '')),
    ],
  }
}

const becauseOf = (known: CollectionSwitch): string => {
  if (known.by === 'applied')
    return 'Argo CD renders the chart without the metrics Service, as only a value that switches it off makes it'
  const value = JSON.stringify(known.setting?.value)
  if (known.by === 'application') return `the value is set to ${value} in the Application`
  return known.setting?.from === 'user'
    ? `the value was set to ${value} when the release was installed or upgraded`
    : `the chart was packaged with the value ${value}`
}

const enableInRelease = (release: HelmRelease, path: string): Fix => ({
  id: 'enable-collection',
  title: 'Switch metrics collection on again in the release',
  risk: 'disruptive',
  at: 'source',
  steps: [
    {
      do: 'helm-upgrade',
      release: upgraded(release),
      set: { [path]: true },
    },
  ],
  lasts: 'Yes: it becomes a value of the release.',
  verify,
})

const enableInGit = (path: string): Fix => ({
  id: 'enable-collection',
  title: 'Switch metrics collection on again where the Application has its values from',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `Set the Helm value ${path}: true there, and sync. Argo CD takes spec.source.helm.parameters before valuesObject and values, and those before the files of Git.`,
    },
  ],
  lasts: 'Yes: it is part of what is deployed.',
  verify,
})

const verify = ['operator-collection-enabled', 'service-exists', 'monitor-exists', 'scrape-target-up']

/** Where Helm 3 and 4 keep a revision. */
const revisionRef = ({ namespace, name, revision }: HelmRelease): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Secret',
  namespace,
  name: `sh.helm.release.v1.${name}.v${revision}`,
})

import { deployerOf } from '../dynamo/collection-switch.ts'
import { isAppliedBy } from '../kubernetes/is-applied-by.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { Chain } from '../model/chain.ts'
import type { Deployer } from '../model/deployer.ts'
import type { Evidence } from '../model/finding.ts'
import type { Fix } from '../model/fix.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { Listing, Read } from '../model/read.ts'

/** What the Application or Kustomization that applies an operator says of an object that is missing. */
export interface Told {
  readonly deployer: ObjectRef
  readonly object: ObjectRef
  readonly applies: boolean
}

/** Undefined where nobody applies the operator from elsewhere, or what it applies is not known. */
export const toldOf = (chain: Chain, deployers: Read<Listing<Deployer>>, object: ObjectRef): Told | undefined => {
  const deployer = deployerOf(chain, deployers)
  const applies = deployer && isAppliedBy(deployer, object)
  return deployer && applies !== undefined ? { deployer: refOf(deployer), object, applies } : undefined
}

export const evidenceOf = ({ deployer, object, applies }: Told): Evidence => ({
  ref: deployer,
  path: deployer.kind === 'Application' ? 'status.resources' : 'status.inventory',
  expected: formatRef(object),
  actual: applies ? 'among them' : 'not among them',
})

export const deletedSince = ({ deployer }: Told): string =>
  `${formatRef(deployer)} lists it among what it applies, so it was deleted since, or the last sync did not finish`

export const syncAgain = ({ deployer, object }: Told, verify: readonly string[]): Fix => ({
  id: 'sync-again',
  title: `Sync ${formatRef(deployer)} again`,
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `It applies ${formatRef(object)}: the next sync makes it anew.`,
      commands: [syncCommand(deployer)],
    },
  ],
  lasts: 'Yes: it is part of what is deployed.',
  verify,
})

const syncCommand = ({ kind, namespace = '', name }: ObjectRef): string =>
  kind === 'Application'
    ? `argocd app sync ${namespace}/${name}`
    : `flux reconcile kustomization ${name} --namespace ${namespace}`

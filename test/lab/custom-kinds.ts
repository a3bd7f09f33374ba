import { pluralOf } from '../../src/kubernetes/plural-of.ts'
import { applyObjects } from './installs.ts'
import { faultLabel } from './layout.ts'
import { kubectl } from './tools.ts'
import { waitFor } from './wait.ts'

export type CustomKind = readonly [group: string, version: string, kind: string]

/** Makes the API server take objects of these kinds, whatever they hold. `heal` deletes the kinds. */
export async function makeKindsKnown(kinds: readonly CustomKind[]): Promise<void> {
  const crds = kinds.map(crdOf)
  await applyObjects(crds)
  const names = crds.map(({ metadata }) => `crd/${metadata.name}`)
  // One that has no conditions at all yet is an error to kubectl, and no reason to wait.
  const established = () => kubectl('wait', '--for=condition=Established', '--timeout=5s', ...names)
  await waitFor(established, { what: 'the kinds to be known' })
}

const crdOf = ([group, name, kind]: CustomKind) => {
  const plural = pluralOf(kind)
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { [faultLabel]: 'custom-kinds' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name, served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} } }],
    },
  }
}

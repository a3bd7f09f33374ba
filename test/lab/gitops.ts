import { groupOf } from '../../src/kubernetes/object-ref.ts'
import { makeKindsKnown } from './custom-kinds.ts'
import { kustomization } from './flux.ts'
import { applyObjects, labelled, renderDynamo } from './installs.ts'
import type { KubeObject } from './kube-client.ts'
import { dynamo, faultLabel } from './layout.ts'
import { kubectl } from './tools.ts'
import { waitFor } from './wait.ts'

/**
 * dyn as Argo CD and Flux leave it in a cluster: rendered and applied with their mark, and the object by which they were
 * told, with what they write into its status. The controllers themselves are not here.
 */

export const application = { name: 'serving', namespace: 'cd' } as const

/** Only a renderer that is told of the kind renders the ServiceMonitor. */
export const knowingKind = ['--api-versions', 'monitoring.coreos.com/v1']

/** The annotation by which Argo CD knows its own: `<application>:<group>/<Kind>:<namespace>/<name>`. */
export const trackedByArgoCd = (object: KubeObject): KubeObject => {
  const { group, kind, namespace, name } = idOf(object)
  const id = `${application.name}:${group}/${kind}:${namespace}/${name}`
  const { metadata, ...rest } = object
  return {
    ...rest,
    metadata: { ...metadata, annotations: { ...metadata?.annotations, 'argocd.argoproj.io/tracking-id': id } },
  }
}

const ofKustomization = (object: KubeObject): KubeObject =>
  labelled(object, {
    'kustomize.toolkit.fluxcd.io/name': kustomization.name,
    'kustomize.toolkit.fluxcd.io/namespace': kustomization.namespace,
  })

/** `helm` is what the Application says of its values, `args` what comes of that by `helm template`. */
export const applyByArgoCd = async (helm: object, ...args: readonly string[]): Promise<void> => {
  const rendered = await renderDynamo(trackedByArgoCd, ...args)
  const source = { repoURL: 'oci://charts.example.com', chart: 'dynamo-platform', targetRevision: '1.4.0', helm }
  await keep({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: application,
    spec: { project: 'default', source, destination: { namespace: dynamo.namespace } },
    status: { sourceType: 'Helm', resources: rendered.map(object => ({ ...idOf(object), status: 'Synced' })) },
  })
}

export const applyByFlux = async (...args: readonly string[]): Promise<void> => {
  const rendered = await renderDynamo(ofKustomization, ...args)
  const ids = rendered.map(idOf).map(({ group, kind, namespace, name }) => [namespace, name, group, kind].join('_'))
  await keep({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: kustomization,
    spec: { interval: '10m', prune: true, sourceRef: { kind: 'GitRepository', name: 'serving' } },
    status: { inventory: { entries: ids.map(id => ({ id, v: 'v1' })) } },
  })
}

interface Keeper {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: object
}

/** Makes the object by which a keeper is told, with its namespace and its kind. */
export const applyKeeper = async (keeper: Keeper): Promise<void> => {
  const { apiVersion, kind, metadata } = keeper
  const [group = '', version = ''] = apiVersion.split('/')
  const labels = { [faultLabel]: 'gitops' }
  await applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: metadata.namespace, labels } }])
  await makeKindsKnown([[group, version, kind]])
  await waitFor(async () => applyObjects([keeper]).then(() => true), { what: `${kind} to be known`, seconds: 20 })
}

const keep = async ({ status, ...keeper }: Keeper & { readonly status: object }): Promise<void> => {
  await applyKeeper(keeper)
  const { kind, metadata } = keeper
  const where = [`${kind}.${groupOf(keeper)}`, metadata.name, '-n', metadata.namespace]
  await kubectl('patch', ...where, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }))
}

const idOf = ({ apiVersion = '', kind = '', metadata }: KubeObject) => ({
  group: groupOf({ apiVersion }),
  kind,
  namespace: metadata?.namespace ?? '',
  name: metadata?.name ?? '',
})

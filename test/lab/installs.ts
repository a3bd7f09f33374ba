import fs from 'node:fs'
import path from 'node:path'
import type { V1CustomResourceDefinition } from '@kubernetes/client-node'
import { parseAllDocuments } from 'yaml'
import { get, list } from './cluster.ts'
import type { KubeObject } from './kube-client.ts'
import { dynamo, type Era, faultLabel, files, names, secondDynamo, secondStack, stack } from './layout.ts'
import { writeKubeconfig } from './pki.ts'
import { dynamoKinds } from './stand-ins/dynamo-kinds.ts'
import { helm, kubectl, kubectlWith, operatorCrds } from './tools.ts'
import { waitFor } from './wait.ts'

interface Baseline {
  readonly era: Era
}

type Release = Pick<typeof dynamo, 'release' | 'namespace'>

const here = (...parts: string[]) => path.join(import.meta.dirname, ...parts)

/** Everything the healthy lab holds, from nothing or over whatever is there. */
export async function installBaseline(era: Era): Promise<void> {
  fs.writeFileSync(files.baseline, JSON.stringify({ era } satisfies Baseline))
  await ensureCrds()
  await applyPlainObjects()
  await installStack()
  await installDynamo()
}

export function baselineEra(): Era {
  return (JSON.parse(fs.readFileSync(files.baseline, 'utf8')) as Baseline).era
}

/** Release kps, with values on top of the baseline's. */
export const installStack = (...extra: string[]) => install(stack, 'kube-prometheus-stack', 'kps.yaml', extra)

/** Release dyn, with values on top of the baseline's. */
export const installDynamo = (...extra: string[]) => install(dynamo, dynamoChart(), 'dyn.yaml', extra)

/** The chart once more, of this era, as release dyn2. */
export const installSecondDynamo = (era: Era, ...extra: string[]) =>
  installBeside(secondDynamo, `dynamo-platform-${era}`, 'dyn.yaml', extra)

/** Another monitoring stack, as release edge. */
export const installSecondStack = (...extra: string[]) =>
  installBeside(secondStack, 'kube-prometheus-stack', 'kps.yaml', extra)

/** One release more, in a namespace that healing deletes, as what it has in the whole cluster. */
async function installBeside(release: Release, chart: string, values: string, extra: string[]): Promise<void> {
  const metadata = { name: release.namespace, labels: { [faultLabel]: release.release } }
  await applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata }])
  await install(release, chart, values, extra)
  const instance = `app.kubernetes.io/instance=${release.release}`
  await kubectl('label', 'clusterroles,clusterrolebindings', '-l', instance, `${faultLabel}=${release.release}`)
}

/** dyn as a GitOps tool deploys it: rendered and applied with the tool's mark, without a release. */
export async function renderDynamo(
  mark: (object: KubeObject) => KubeObject,
  ...extra: string[]
): Promise<readonly KubeObject[]> {
  const marked = (await renderedDynamo(...extra)).map(mark)
  await applyObjects(marked)
  return marked
}

/**
 * The objects of dyn by `helm template`, in the place of its release, which is gone then. They carry the fault's label, so
 * that healing deletes them before it installs the release again.
 */
export async function renderedDynamo(...extra: string[]): Promise<readonly KubeObject[]> {
  await helm('uninstall', dynamo.release, '-n', dynamo.namespace, '--wait', '--ignore-not-found')
  const where = ['-n', dynamo.namespace, '-f', here('values', 'dyn.yaml')]
  const rendered = await helm('template', dynamo.release, here('charts', dynamoChart()), ...where, ...extra)
  return objectsOf(rendered).map(object => labelled(object, { [faultLabel]: 'rendered' }))
}

/** One that healing deletes. */
export const graphDeployment = (name: string, namespace: string, state: string) => ({
  apiVersion: 'nvidia.com/v1alpha1',
  kind: 'DynamoGraphDeployment',
  metadata: { name, namespace, labels: { [faultLabel]: name } },
  status: { state },
})

export const labelled = ({ metadata, ...rest }: KubeObject, labels: Record<string, string>): KubeObject => ({
  ...rest,
  metadata: { ...metadata, labels: { ...metadata?.labels, ...labels } },
})

/** The value by which the Dynamo operator runs twice. */
export const twoReplicas = 'dynamo-operator.controllerManager.replicas=2'

const dynamoChart = () => `dynamo-platform-${baselineEra()}`

/** prometheus-operator's own CRDs, from its binary, and the Dynamo operator's. True when they had to be made. */
export async function ensureCrds(): Promise<boolean> {
  const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/servicemonitors.monitoring.coreos.com'
  if (await get<V1CustomResourceDefinition>(crd)) return false
  const crds = `${await operatorCrds()}\n---\n${fs.readFileSync(here('manifests/dynamo-crds.yaml'), 'utf8')}`
  await kubectlWith(crds, 'apply', '--server-side', '--force-conflicts', '-f', '-')
  // One that has no conditions at all yet is an error to kubectl, and no reason to wait.
  const established = () => kubectl('wait', '--for=condition=Established', '--timeout=5s', 'crd', '--all')
  await waitFor(established, { what: 'the CustomResourceDefinitions to be established' })
  return true
}

/** Takes every object of prometheus-operator with them. */
export async function deleteCrds(): Promise<void> {
  const crds = await list<V1CustomResourceDefinition>('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')
  const names = crds.map(crd => crd.metadata?.name ?? '').filter(name => name.endsWith('.monitoring.coreos.com'))
  await kubectl('delete', 'crd', ...names, '--wait=true')
}

/** Whoever made them. */
export async function deleteDynamoResources(): Promise<void> {
  const kinds = dynamoKinds(baselineEra()).map(({ plural }) => `${plural}.nvidia.com`)
  await kubectl('delete', kinds.join(','), '-A', '--all', '--wait=true')
}

/** The objects that belong to no Helm release: namespaces, the tests' users, Dynamo's resources, the dashboard. */
export async function applyPlainObjects(): Promise<void> {
  await applyObjects(plainObjects())
}

export async function applyObjects(items: readonly KubeObject[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await kubectlWith(list, 'apply', '--server-side', '--force-conflicts', '-f', '-')
}

export const plainObjects = (): readonly KubeObject[] => [
  ...objectsOf(fs.readFileSync(here('manifests/namespaces.yaml'), 'utf8')),
  ...objectsOf(fs.readFileSync(here('manifests/users.yaml'), 'utf8')),
  ...objectsOf(fs.readFileSync(here('manifests/dynamo-resources.yaml'), 'utf8')),
  dashboardConfigMap(),
]

export const objectsOf = (yaml: string): KubeObject[] =>
  parseAllDocuments(yaml)
    .map(document => document.toJS() as KubeObject | null)
    .filter(object => object !== null)

export async function writeUserKubeconfigs(): Promise<void> {
  const users = [
    ['viewer', files.viewerKubeconfig],
    ['nobody', files.nobodyKubeconfig],
  ] as const
  for (const [user, file] of users) {
    const token = await kubectl('create', 'token', user, '-n', dynamo.namespace, '--duration=720h')
    writeKubeconfig(file, user, token.trim(), dynamo.namespace)
  }
}

/** Conflicts are forced: this is how the lab takes back whatever others wrote into a release's objects. */
function install(release: Release, chart: string, values: string, extra: readonly string[]): Promise<string> {
  const where = ['-n', release.namespace, '-f', here('values', values)]
  const how = ['--reset-values', '--server-side=true', '--force-conflicts', '--history-max=5']
  return helm('upgrade', '--install', release.release, here('charts', chart), ...where, ...how, ...extra)
}

const dashboardConfigMap = () => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: names.dashboard, namespace: stack.namespace, labels: { grafana_dashboard: '1' } },
  data: { [names.dashboardKey]: dashboardJson(baselineEra()) },
})

/** From 1.6 on upstream's dashboard asks controller-runtime's families, which have no namespace and no kind of error. */
export function dashboardJson(era: Era): string {
  const json = fs.readFileSync(here('manifests/dashboard.json'), 'utf8')
  return era === '1.6'
    ? json.replace(/.*dynamo_operator_reconcile_.*/g, line =>
        movedIn16.reduce((text, [from, to]) => text.replaceAll(from, to), line),
      )
    : json
}

const movedIn16 = [
  ['label_values(dynamo_operator_reconcile_total', 'label_values(dynamo_operator_resources_total'],
  ['dynamo_operator_reconcile_duration_seconds', 'controller_runtime_reconcile_time_seconds'],
  ['dynamo_operator_reconcile_', 'controller_runtime_reconcile_'],
  [String.raw`namespace=~\"$namespace\",`, ''],
  ['resource_type=~', 'controller=~'],
  [', error_type', ''],
  ['(resource_type', '(controller'],
  ['le, resource_type', 'le, controller'],
] as const

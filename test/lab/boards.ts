import fs from 'node:fs'
import path from 'node:path'
import { grafana, isReady, podsOf } from './ask.ts'
import { core, inStack, monitoring, send } from './cluster.ts'
import { dashboardGone, type Effect } from './effects.ts'
import { applyObjects, applyPlainObjects, dashboardJson, installStack, labelled, objectsOf } from './installs.ts'
import type { KubeObject } from './kube-client.ts'
import { defaultEra, faultLabel, names, stack } from './layout.ts'
import { kubectl } from './tools.ts'
import { waitFor } from './wait.ts'

/** Other dashboards, and other data sources, beside the operator's. */

interface Board {
  readonly name: string
  readonly key: string
  readonly uid: string
  readonly title: string
}

/** A ConfigMap with another team's dashboard, which the sidecar fetches too. */
export const addBoard =
  ({ name, key, uid, title }: Board) =>
  () =>
    send('POST', core(stack.namespace, 'configmaps'), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { grafana_dashboard: '1', [faultLabel]: 'board' } },
      data: {
        [key]: JSON.stringify({ uid, title, schemaVersion: 39, panels: [{ title: 'Up', targets: [{ expr: 'up' }] }] }),
      },
    })

/** The operator's dashboard, with the max over the replicas before each sum of resources. */
export const takeMax = (): Promise<unknown> =>
  send(
    'PATCH',
    `${inStack('configmaps', names.dashboard)}?fieldManager=lab-fault`,
    { data: { [names.dashboardKey]: withMax(dashboardJson(defaultEra)) } },
    'application/merge-patch+json',
  )

const withMax = (json: string): string =>
  json.replaceAll(/dynamo_operator_resources_total\{[^}]*\}/g, 'max by (resource_type, namespace, status) ($&)')

/** Grafana shows the operator's uid from this file. */
export const shownFrom =
  (file: string): Effect =>
  async () => {
    const { status, body } = await grafana(`/api/dashboards/uid/${names.dashboardUid}`)
    return status === 200 && (body as { meta: { provisionedExternalId: string } }).meta.provisionedExternalId === file
  }

export const shows =
  (uid: string): Effect =>
  async () =>
    (await grafana(`/api/dashboards/uid/${uid}`)).status === 200

/** Grafana shows the dashboard with this text in it. */
export const showsText =
  (text: string): Effect =>
  async () =>
    JSON.stringify((await grafana(`/api/dashboards/uid/${names.dashboardUid}`)).body).includes(text)

/**
 * Another dashboard takes the title first, and nobody tells Grafana to reload: so it polls, and a poll saves nothing
 * while two dashboards of a folder have one title.
 */
export async function takeTitleFirst(board: Board): Promise<void> {
  const dashboards = 'grafana.sidecar.dashboards'
  await installStack(
    '--set',
    `${dashboards}.skipReload=true`,
    '--set',
    `${dashboards}.provider.updateIntervalSeconds=1`,
  )
  await waitFor(onlyReady('app.kubernetes.io/name=grafana'), { what: 'the new Grafana', seconds: 60 })
  await send('DELETE', inStack('configmaps', names.dashboard), {})
  await waitFor(dashboardGone, { what: 'the dashboard to go', seconds: 60 })
  await addBoard(board)()
  await waitFor(shows(board.uid), { what: 'the other dashboard', seconds: 60 })
  await applyPlainObjects()
}

/** The ConfigMap of the dashboard with one metric misspelt. */
export const misspell = (from: string, to: string): string => dashboardJson('1.4').replaceAll(from, to)

/** As Grafana 13 exports it by default. */
export const inNewSchema = (): string => {
  const { title, uid } = JSON.parse(dashboardJson('1.4')) as { readonly title: string; readonly uid: string }
  return JSON.stringify({ title, uid, elements: {}, layout: { kind: 'GridLayout', spec: { items: [] } } })
}

/** As Grafana exports it "for sharing externally". */
export const forSharing = (): string => {
  const json = JSON.parse(dashboardJson('1.4')) as { readonly panels: readonly object[] }
  const input = { name: 'DS_PROMETHEUS', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus' }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own way to write it
  const datasource = { type: 'prometheus', uid: '${DS_PROMETHEUS}' }
  return JSON.stringify({ __inputs: [input], ...json, panels: json.panels.map(panel => ({ ...panel, datasource })) })
}

/** The name of a second Prometheus. */
export const spare = 'spare'

/** A second Prometheus, which selects no ServiceMonitor. */
export const addSpare = (): Promise<unknown> =>
  send('POST', monitoring(stack.namespace, 'prometheuses'), {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: spare, labels: { [faultLabel]: spare } },
    spec: {
      replicas: 1,
      serviceAccountName: names.prometheus,
      serviceMonitorSelector: { matchLabels: { team: spare } },
      serviceMonitorNamespaceSelector: {},
    },
  })

/** It is ready to be asked. */
export const spareIsReady: Effect = onlyReady(`operator.prometheus.io/name=${spare}`)

/** A second Prometheus, and Grafana's data source led to it. */
export async function leadToSpare(): Promise<void> {
  await addSpare()
  await send('POST', core(stack.namespace, 'services'), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: spare, labels: { [faultLabel]: spare } },
    spec: {
      selector: { 'operator.prometheus.io/name': spare },
      ports: [{ name: 'web', port: 9090, targetPort: 'web' }],
    },
  })
  await waitFor(spareIsReady, { what: 'the second Prometheus', seconds: 60 })
  const path = inStack('configmaps', `${stack.fullname}-grafana-datasource`)
  const source = {
    name: 'Prometheus',
    type: 'prometheus',
    uid: 'prometheus',
    url: spareUrl,
    access: 'proxy',
    isDefault: true,
  }
  await send(
    'PATCH',
    `${path}?fieldManager=lab-fault`,
    { data: { 'datasource.yaml': JSON.stringify({ apiVersion: 1, datasources: [source] }) } },
    'application/merge-patch+json',
  )
}

const spareUrl = `http://${spare}.${stack.namespace}:9090/`

export const asksSpare: Effect = async () => JSON.stringify((await grafana('/api/datasources')).body).includes(spareUrl)

/** Grafana shows fewer panels than the file has. */
export const lacksLastPanel: Effect = async () => {
  const { panels } = JSON.parse(dashboardJson('1.4')) as { panels: readonly unknown[] }
  const { body } = await grafana(`/api/dashboards/uid/${names.dashboardUid}`)
  return (body as { dashboard?: { panels: readonly unknown[] } }).dashboard?.panels.length === panels.length - 1
}

function onlyReady(selector: string): Effect {
  return async () => {
    const pods = await podsOf(stack.namespace, selector)
    return pods.length === 1 && pods.every(isReady)
  }
}

/** The dashboard as grafana-operator brings it: from an object of its own, by Grafana's API, with no file. */
export async function showByGrafanaOperator(): Promise<void> {
  await kubectl('delete', 'configmap', names.dashboard, '-n', stack.namespace)
  await waitFor(dashboardGone, { what: 'Grafana to forget the dashboard of the file', seconds: 30 })
  const crds = objectsOf(
    fs.readFileSync(path.join(import.meta.dirname, 'manifests/grafana-operator-crds.yaml'), 'utf8'),
  )
  await applyObjects(crds.map(crd => labelled(crd, { [faultLabel]: 'grafana-operator' })))
  const crdNames = crds.map(({ metadata }) => metadata?.name ?? '')
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd', ...crdNames)
  const json = dashboardJson(defaultEra)
  const matchLabels = { team: 'platform' }
  const apiVersion = 'grafana.integreatly.org/v1beta1'
  await applyObjects([
    { apiVersion, kind: 'Grafana', metadata: { name: 'boards', namespace: stack.namespace, labels: matchLabels } },
    {
      apiVersion,
      kind: 'GrafanaDashboard',
      metadata: { name: 'operators', namespace: stack.namespace },
      spec: { instanceSelector: { matchLabels }, json },
    } as KubeObject,
  ])
  await grafana('/api/dashboards/db', { dashboard: JSON.parse(json), overwrite: true })
}

export const storedInGrafana: Effect = async () => {
  const { status, body } = await grafana(`/api/dashboards/uid/${names.dashboardUid}`)
  return status === 200 && !(body as { meta: { provisioned: boolean } }).meta.provisioned
}

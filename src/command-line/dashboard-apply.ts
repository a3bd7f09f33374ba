import { placeIn } from '../checks/dashboard/dashboard-fix.ts'
import { isMounted } from '../checks/dashboard/dashboards.ts'
import type { DashboardEra } from '../dynamo/dashboard-eras.ts'
import { type DashboardPlace, grafanaDashboard } from '../dynamo/dashboard-manifests.ts'
import { expectedDashboard } from '../dynamo/expected.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { dashboardText } from '../grafana/dashboard-json.ts'
import { judgeSidecar } from '../grafana/judge-sidecar.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import { ownerOf } from '../kubernetes/ownership.ts'
import type { Judged } from '../model/diagnosis.ts'
import type { Examination } from '../model/examination.ts'
import type { FixStep } from '../model/fix.ts'
import type { Grafana } from '../model/grafana.ts'
import type { ConfigMap } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { unreadIn } from '../model/read.ts'
import { run } from '../run.ts'
import type { ChangeFlags } from './change-flags.ts'
import { clusterFacts } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { eraOf } from './dashboard-era.ts'
import { type FoundPlace, type PlaceFlags, placeForOperator, placeInCluster } from './dashboard-place.ts'
import { askedFor, type Change, makeChange, wordsOf } from './make-change.ts'
import { notRead } from './not-read.ts'

export interface ApplyFlags extends ClusterFlags, SearchFlags, PlaceFlags, ChangeFlags {
  readonly era?: DashboardEra | undefined
  readonly 'restart-grafana': boolean
}

export interface Answer {
  readonly exitCode: number
  /** For stderr, a line each. */
  readonly notes: readonly string[]
}

/** Puts the dashboard where Grafana takes it from, and waits until Grafana has it. @throws UserError */
export const applyDashboard = async (flags: ApplyFlags, toolVersion: string): Promise<Answer> => {
  const context = await clusterFacts(flags)
  const { cluster, narrowing, reading, fact } = context
  const [era, grafanas, files, examined] = await Promise.all([
    eraOf(flags.era, async () => ({ fact })),
    fact('grafanas'),
    fact('dashboardFiles'),
    run(cluster, { narrowing, reading, only: [], skip: [] }),
  ])
  if (!('era' in era)) return { exitCode: era.exitCode, notes: [era.complaint, era.hint] }
  const unread = [grafanas, files].flatMap(unreadIn)
  if (!(grafanas.ok && files.ok)) return { exitCode: 3, notes: unread.map(notRead) }
  if (grafanas.value.items.length === 0)
    return unread.length > 0 ? { exitCode: 3, notes: unread.map(notRead) } : { exitCode: 1, notes: [noGrafana] }
  const { place } = await placeInCluster(flags, async () => ({ fact }))
  const delivery = deliveryOf(
    grafanas.value.items,
    files.value.items.map(({ configMap }) => configMap),
    flags,
    place,
  )
  if (delivery === 'unknown') return { exitCode: 3, notes: [nameThePlace] }
  const owned = delivery.configMap && keptByHelm(delivery.configMap)
  if (owned !== undefined && !flags['allow-managed']) return { exitCode: 1, notes: [owned] }
  const operated = delivery.via === 'grafana-operator' ? await placeOfOperator(flags, delivery, context) : undefined
  const step = operated
    ? { do: 'apply' as const, manifest: { ...grafanaDashboard(era.era, operated.place) } }
    : stepFor(delivery, era.era)
  const { exitCode, remedy } = await makeChange(flags, examined, changeOf(step, delivery.target, flags), toolVersion)
  if (remedy?.state === 'nothing to change') return unchanged(flags, examined, delivery.target, toolVersion)
  const hint = remedy?.state === 'refused' ? noSidecar : operated?.note
  return { exitCode, notes: [...wordsOf(remedy), ...(operated && hint ? [hint] : [])] }
}

const noGrafana =
  'No Grafana was found in this cluster. For one elsewhere: dynamo-metrics dashboard export, and import the file there.'
const nameThePlace =
  'What Grafana’s sidecar looks for cannot be read from its pod template: name it with --namespace and --label.'
const noSidecar =
  'This Grafana has no dashboard sidecar, and a GrafanaDashboard cannot be made: enable the sidecar (Helm value sidecar.dashboards.enabled), or import what dynamo-metrics dashboard export prints.'

/** What carries the dashboard into Grafana. */
export interface Delivery {
  readonly via: 'configmap' | 'grafana-operator'
  readonly target: ObjectRef
  /** The one to change, where there is one. */
  readonly configMap?: ConfigMap
  /** Absent: it has the label. */
  readonly label?: DashboardPlace['label']
}

/**
 * A ConfigMap that Grafana mounts, or a sidecar fetches, is changed where it is; so is one that lacks only the label. Any other stays
 * alone: a new one goes where the flags, or the sidecar, say.
 */
export const deliveryOf = (
  grafanas: readonly Grafana[],
  files: readonly ConfigMap[],
  said: PlaceFlags,
  place: DashboardPlace,
): Delivery | 'unknown' => {
  const mounted = files.find(file => grafanas.some(grafana => isMounted(file, grafana)))
  if (mounted && said.namespace === undefined) return { via: 'configmap', target: refOf(mounted), configMap: mounted }
  const fed = grafanas.filter(({ sidecar }) => sidecar !== undefined)
  const target = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: place.namespace,
    name: expectedDashboard.configMap.name,
  }
  if (fed.length === 0)
    return {
      via: 'grafana-operator',
      target: { ...operatorsKind, namespace: said.namespace ?? grafanas[0]?.workload.metadata.namespace ?? 'default' },
    }
  const known = fed.filter(grafana => placeIn(grafana) !== undefined)
  if (known.length === 0 && (said.namespace === undefined || said.label === undefined)) return 'unknown'
  const candidates =
    said.namespace === undefined ? files : files.filter(({ metadata }) => metadata.namespace === said.namespace)
  const judged = candidates.map(configMap => ({
    configMap,
    lacks: Math.min(...known.map(one => lackOf(one, configMap))),
  }))
  const near = judged.filter(({ lacks }) => lacks < far).toSorted((a, b) => a.lacks - b.lacks)[0]
  const configMap =
    near?.configMap ??
    candidates.find(({ metadata }) => metadata.namespace === target.namespace && metadata.name === target.name)
  if (!configMap) return { via: 'configmap', target, label: place.label }
  return {
    via: 'configmap',
    target: refOf(configMap),
    configMap,
    ...(near?.lacks === 0 && said.label === undefined ? {} : { label: place.label }),
  }
}

const operatorsKind = {
  apiVersion: 'grafana.integreatly.org/v1beta1',
  kind: 'GrafanaDashboard',
  name: expectedDashboard.uid,
}

const far = 2

/** 0: the sidecar fetches it. 1: it would, with its label. */
const lackOf = ({ sidecar, workload }: Grafana, configMap: ConfigMap): number => {
  if (!sidecar) return far
  const gates = judgeSidecar({ sidecar, grafanaNamespace: workload.metadata.namespace ?? 'default', configMap })
  const failing = gates.filter(({ gate, passes }) => passes === false && gate !== 'file').map(({ gate }) => gate)
  return failing.length === 0 ? 0 : failing.every(gate => gate.startsWith('label-')) ? 1 : far
}

const keptByHelm = (configMap: ConfigMap): string | undefined => {
  const owner = ownerOf(configMap)
  return owner.by === 'helm'
    ? `${formatRef(refOf(configMap))} belongs to Helm release ${owner.release.namespace}/${owner.release.name}, whose next upgrade may put it back: update that chart, or say --allow-managed.`
    : undefined
}

const stepFor = ({ target, configMap, label }: Delivery, era: DashboardEra): FixStep => {
  const key = configMap && dashboardText(configMap, expectedDashboard)?.key
  return {
    do: 'dashboard',
    era,
    target,
    key: key?.endsWith('.json') ? key : expectedDashboard.configMap.key,
    ...(label ? { label } : {}),
  }
}

/** grafana-operator's Grafanas go by a label of their own, which no workload shows. */
const placeOfOperator = (
  flags: PlaceFlags,
  { target: { namespace } }: Delivery,
  context: ReadContext,
): Promise<FoundPlace> => placeForOperator({ ...flags, namespace }, async () => context)

const changeOf = (step: FixStep, subject: ObjectRef, { yes }: ApplyFlags): Change => ({
  agreed: yes,
  cause: askedFor('dashboard/apply', subject, 'You asked for the dashboard of the operator’s own version.', {
    id: 'apply',
    title: 'Put the dashboard where Grafana takes it from',
    risk: 'safe',
    at: 'live',
    steps: [step],
    lasts: 'Yes, until whoever else keeps the object applies their own file.',
    verify: ['dashboard-exists', 'grafana-dashboard-loaded', 'grafana-dashboard-current'],
  }),
})

/** It stands there already. Where Grafana lacks it all the same and nothing else explains that, a restart is left. */
const unchanged = async (
  flags: ApplyFlags,
  examined: Examination,
  target: ObjectRef,
  toolVersion: string,
): Promise<Answer> => {
  const name = formatRef(target)
  const arrived = arrivalIn(examined)
  if (arrived === 'shown')
    return { exitCode: 0, notes: [`${name} holds this very dashboard, and Grafana shows it: nothing to do.`] }
  if (arrived === 'not known')
    return {
      exitCode: 1,
      notes: [
        `${name} holds this very dashboard, and it is not proved that Grafana shows it: dynamo-metrics doctor says why.`,
      ],
    }
  const change = { agreed: flags['restart-grafana'], cause: arrived.restart }
  const { exitCode, remedy } = await makeChange({ ...flags, yes: false }, examined, change, toolVersion)
  if (remedy?.state !== 'not named') return { exitCode, notes: wordsOf(remedy) }
  return {
    exitCode: 1,
    notes: [
      `${name} is as it should be, and Grafana does not load it. Its log may say why; if not, --restart-grafana makes it read all files anew.`,
    ],
  }
}

/** Whether Grafana shows what stands there; a restart, where that is all that is wrong, and not only on its way. */
export const arrivalIn = ({
  diagnosis: { causes, outcomes },
}: Pick<Examination, 'diagnosis'>): 'shown' | 'not known' | { readonly restart: Judged } => {
  const outcomeOf = (id: string) => outcomes.find(outcome => outcome.id === id)?.result.outcome
  const isCurrent = ['passed', 'skipped'].includes(outcomeOf('grafana-dashboard-current') ?? '')
  if (outcomeOf('grafana-dashboard-loaded') === 'passed' && isCurrent) return 'shown'
  const stuck = causes.find(({ root }) => root.code === 'grafana/dashboard-not-loaded')?.root
  const restart = stuck?.fixes.find(({ id }) => id === 'restart-grafana')
  return stuck?.severity === 'error' && restart ? { restart: { ...stuck, fixes: [restart] } } : 'not known'
}

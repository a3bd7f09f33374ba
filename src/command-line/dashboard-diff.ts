import type { DashboardEra } from '../dynamo/dashboard-eras.ts'
import { dashboards } from '../dynamo/dashboards.ts'
import { expectedDashboard } from '../dynamo/expected.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { kinds } from '../facts/kinds.ts'
import { type DashboardChange, dashboardChanges } from '../grafana/dashboard-changes.ts'
import { dashboardText, judgeDashboardText, textOfKey } from '../grafana/dashboard-json.ts'
import { sourceOfGrafanaDashboard } from '../grafana/grafana-dashboard-source.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { ConfigMap, KubernetesObject } from '../model/kubernetes.ts'
import { itemsIn, type Unavailable, unreadIn } from '../model/read.ts'
import { objectDiff } from '../report/object-diff.ts'
import { type Paper, paperFor } from '../report/paper.ts'
import { clusterFacts } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { eraOf } from './dashboard-era.ts'
import { notRead } from './not-read.ts'
import { styleFor } from './terminal.ts'

export interface DiffFlags extends ClusterFlags, SearchFlags {
  readonly era?: DashboardEra | undefined
  readonly color?: boolean | undefined
}

export interface Compared {
  /** 0 where all are as ours, 1 where one is not or there is none, 3 where that cannot be told. */
  readonly exitCode: number
  /** For stdout. */
  readonly text: string
  /** For stderr, a line each. */
  readonly notes: readonly string[]
}

/** What the dashboards of the cluster lack (+) and have (-) beside the one that `dashboard export` prints. */
export const diffDashboard = async (flags: DiffFlags): Promise<Compared> => {
  const context = await clusterFacts(flags)
  const found = await eraOf(flags.era, async () => context)
  if (!('era' in found)) return { exitCode: found.exitCode, text: '', notes: [found.complaint, found.hint] }
  return compareHeld(context, found.era, paperFor(styleFor('stdout', { verbose: false, color: flags.color })))
}

/** The dashboards of the cluster against that of an era. */
export const compareHeld = async (context: ReadContext, era: DashboardEra, paper: Paper): Promise<Compared> => {
  const { held, unread, notes } = await heldIn(context)
  const open = [...unread.map(notRead), ...notes]
  if (held.length === 0 && open.length === 0) return { exitCode: 1, text: '', notes: [nowhere, applyOurs] }
  const compared = held.map(one => compare(one, dashboards[era], paper))
  const differs = compared.some(({ same }) => !same)
  return {
    exitCode: differs ? 1 : open.length > 0 ? 3 : 0,
    text: compared.map(({ lines }) => lines.map(line => `${line}\n`).join('')).join('\n'),
    notes: open,
  }
}

const nowhere = `No ConfigMap and no GrafanaDashboard of this cluster holds the dashboard “${expectedDashboard.title}”`
const applyOurs = 'Deploy it: dynamo-metrics dashboard apply'

interface Held {
  readonly where: string
  readonly text: string | undefined
}

interface AllHeld {
  readonly held: readonly Held[]
  readonly unread: readonly Unavailable[]
  /** Of dashboards that are kept where nobody looks. */
  readonly notes: readonly string[]
}

const heldIn = async (context: ReadContext): Promise<AllHeld> => {
  const [files, objects] = await Promise.all([context.fact('dashboardFiles'), context.fact('grafanaDashboards')])
  const unread = [files, objects].flatMap(unreadIn)
  const inConfigMaps = itemsIn(files).map(({ configMap }) => {
    const file = dashboardText(configMap, expectedDashboard)
    return { where: `${formatRef(refOf(configMap))}${file ? `, ${file.key}` : ''}`, text: file?.text }
  })
  const distinct = new Map(itemsIn(objects).map(({ object }) => [formatRef(refOf(object)), object]))
  const inObjects = await Promise.all([...distinct.values()].map(object => heldBy(context, object)))
  const byPlace = new Map([...inConfigMaps, ...inObjects.flatMap(one => one.held ?? [])].map(one => [one.where, one]))
  return {
    held: [...byPlace.values()],
    unread: [...unread, ...inObjects.flatMap(one => one.unread ?? [])],
    notes: inObjects.flatMap(one => one.note ?? []),
  }
}

/** What a GrafanaDashboard has or points to. */
const heldBy = async (
  { cluster }: ReadContext,
  object: KubernetesObject,
): Promise<{ readonly held?: Held; readonly unread?: Unavailable; readonly note?: string }> => {
  const where = formatRef(refOf(object))
  const source = sourceOfGrafanaDashboard(object)
  if (source === undefined) return { held: { where, text: undefined } }
  if ('text' in source) return { held: { where, text: source.text } }
  if ('elsewhere' in source) return { note: `${where} has its dashboard from ${source.elsewhere}, which is not read.` }
  const { namespace = 'default' } = object.metadata
  const read = await cluster.get({ ...kinds.configMap, namespace, name: source.configMap })
  if (!read.ok) return { unread: read.unavailable }
  const text = read.value && textOfKey(read.value as ConfigMap, source.key)
  return { held: { where: `${where}, from ConfigMap ${namespace}/${source.configMap}, ${source.key}`, text } }
}

interface Comparison {
  readonly same: boolean
  readonly lines: readonly string[]
}

const compare = ({ where, text }: Held, ours: unknown, paper: Paper): Comparison => {
  const { paint } = paper
  const heading = (verdict: string) => `${paint.bold(paper.plain(where))}: ${verdict}`
  if (text === undefined) return { same: false, lines: [heading('no dashboard to read is in it')] }
  const judged = judgeDashboardText(text)
  if (!judged.ok)
    return { same: false, lines: [heading(`not a dashboard that Grafana would load: ${paper.plain(judged.detail)}`)] }
  const changes = dashboardChanges(JSON.parse(text), ours)
  if (changes.length === 0) return { same: true, lines: [heading('as ours')] }
  return {
    same: false,
    lines: [heading('differs from ours (- there, + ours)'), ...changes.flatMap(change => changeLines(change, paper))],
  }
}

const changeLines = ({ part, before, after, others }: DashboardChange, paper: Paper): readonly string[] => {
  const { paint } = paper
  const verdict = before === undefined ? '  (missing there)' : after === undefined ? '  (not in ours)' : ''
  return [
    '',
    `  ${paint.bold(paper.plain(part))}${paint.dim(verdict)}`,
    ...objectDiff(before, after, paper).map(line => `  ${line}`),
    ...(others.length === 0 ? [] : paper.wrap(paper.plain(others.join(', ')), '  also differ: ')),
  ]
}

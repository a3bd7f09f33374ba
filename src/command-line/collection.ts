import { type CollectionSwitch, switchOf, unreadOfSwitch, whyNoSwitch } from '../dynamo/collection-switch.ts'
import { helmValue } from '../dynamo/values.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import { releaseOfChain } from '../helm/release-of-chain.ts'
import type { ReleaseValue } from '../helm/values.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { Chain } from '../model/chain.ts'
import { UserError } from '../model/errors.ts'
import type { HelmRelease } from '../model/helm-release.ts'
import type { ServiceMonitor } from '../model/kubernetes.ts'
import { itemsIn, type Unavailable, unreadIn } from '../model/read.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { withoutControls } from '../report/paper.ts'
import { clusterFacts } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { notRead } from './not-read.ts'

/** The switch of one operator, and what of it is there. */
export interface Collection {
  readonly chain: Chain
  /** Of the release's values, or the platform's where that is not told; undefined where this era has no such switch. */
  readonly path: string | undefined
  readonly release: HelmRelease | undefined
  /** Of the release, or of the Application where that states it. */
  readonly setting: ReleaseValue | undefined
  /** What says where the switch stands; undefined where nothing that could be read does. */
  readonly known: CollectionSwitch | undefined
  /** Why nothing does. */
  readonly whyNot: string
  readonly monitors: readonly ServiceMonitor[]
  /** What could not be read of it. */
  readonly unread: readonly Unavailable[]
}

/** Reads the cluster for the switch of each operator. @throws UserError where no cluster is named */
export const openCollections = async (flags: ClusterFlags & SearchFlags) => {
  const context = await clusterFacts(flags)
  return { context, ...(await collectionsIn(context)) }
}

/** @returns the switch of each operator found, and what keeps others from being found. */
export const collectionsIn = async ({
  fact,
}: Pick<ReadContext, 'fact'>): Promise<{
  readonly collections: readonly Collection[]
  readonly unread: readonly Unavailable[]
}> => {
  const [chains, releases, deployers, monitors] = await Promise.all([
    fact('chains'),
    fact('releases'),
    fact('deployers'),
    fact('serviceMonitors'),
  ])
  if (!chains.ok) return { collections: [], unread: [chains.unavailable] }
  const deployed = { releases, deployers }
  const noMonitor = unreadIn(monitors)
  return {
    unread: chains.value.unread,
    collections: chains.value.items.map(chain => {
      const known = switchOf(chain, deployed)
      const value = helmValue(chain.era, 'enabled')
      const found = monitorsOf(chain, itemsIn(monitors))
      return {
        chain,
        path: known && 'path' in known ? known.path : value,
        known,
        whyNot: whyNoSwitch(chain, deployed),
        release: releaseOfChain(chain, itemsIn(releases)),
        setting: known && 'setting' in known ? known.setting : undefined,
        monitors: found,
        unread: [...(known ? [] : unreadOfSwitch(chain, deployed)), ...(found.length > 0 ? [] : noMonitor)],
      }
    }),
  }
}

/** The one operator to switch. @throws UserError where there are several, or it has no switch */
export const theOneOf = (collections: readonly Collection[]): Collection | undefined => {
  const [first, ...others] = collections
  if (others.length > 0)
    throw new UserError(`There are ${collections.length} Dynamo operators: which one?`, {
      hint: `Name its namespace: --operator-namespace ${collections.map(({ chain }) => chain.workload.metadata.namespace).join('|')}`,
    })
  if (first && first.path === undefined)
    throw new UserError('An operator before 0.9 serves no metrics of its own: there is nothing to switch', {
      hint: 'Upgrade the Dynamo platform first.',
    })
  return first
}

/** How its value stands, in three states, and what this era's chart makes of it. */
export const meaningOf = ({ chain, setting }: Pick<Collection, 'chain' | 'setting'>): string => {
  const value = setting?.value
  const set = setting === undefined || (setting.from === 'chart' && value === null) ? 'not set' : JSON.stringify(value)
  const by = setting?.from === 'chart' && value !== null ? ', the chart’s default' : ''
  return `${set}${by}: ${stateOf(chain.era, value)}`
}

/** 0.9 has a plain switch. From 1.0 on there is a third state: null or nothing leaves it to the kinds of the cluster. */
const stateOf = (era: Chain['era'], value: unknown): string => {
  if (value === true) return 'the chart makes Service and ServiceMonitor'
  if (value === false) return 'the chart makes neither Service nor ServiceMonitor'
  if (value !== null && value !== undefined) return 'no boolean: what the chart makes of it, only rendering tells'
  return era === '0.9'
    ? 'the chart makes neither Service nor ServiceMonitor'
    : 'automatic, the chart makes the Service always, and the ServiceMonitor where the cluster knew that kind when the release was last installed or upgraded'
}

/** On: what the switch makes is there. Half: a Service without a ServiceMonitor is scraped by nobody. */
export const isCollected = ({ chain, monitors }: Collection): boolean =>
  chain.service !== undefined && monitors.length > 0

export interface Answer {
  readonly exitCode: number
  readonly lines: readonly string[]
  /** For stderr. */
  readonly notes: readonly string[]
}

/** What the switch says and what is there. Reads, and writes nothing. */
export const collectionStatus = async (flags: ClusterFlags & SearchFlags): Promise<Answer> => {
  const { collections, unread } = await openCollections(flags)
  return statusOf(collections, unread)
}

/** 0 where all operators are collected from, 1 where one is not, 3 where that cannot be told. */
export const statusOf = (collections: readonly Collection[], unread: readonly Unavailable[]): Answer => {
  const all = [...unread, ...collections.flatMap(one => one.unread)]
  const notes = [...new Set(all.map(notRead))]
  if (collections.length === 0)
    return { exitCode: unread.length > 0 ? 3 : 1, lines: [], notes: unread.length > 0 ? notes : [noOperator] }
  const off = collections.filter(one => !isCollected(one))
  const certainlyOff = off.filter(one => one.chain.service === undefined || one.unread.length === 0)
  const exitCode = certainlyOff.length > 0 ? 1 : off.length > 0 || unread.length > 0 ? 3 : 0
  return { exitCode, lines: collections.flatMap(linesOf).map(withoutControls), notes }
}

export const noOperator = 'No Dynamo operator was found in this cluster.'

const linesOf = (one: Collection): readonly string[] => {
  const { chain, release, monitors, unread } = one
  const chart = release ? `${release.chart.name} ${release.chart.version}` : 'chart not known'
  return [
    `${formatRef(refOf(chain.workload))}  Dynamo ${chain.version ?? `${chain.era}, by its shape`}`,
    `  release         ${releaseWords(one)}, ${chart}`,
    `  switch          ${switchWords(one)}`,
    `  Service         ${chain.service ? formatRef(refOf(chain.service)) : 'none'}`,
    `  ServiceMonitor  ${monitors.map(monitor => formatRef(refOf(monitor))).join(', ') || (unread.length > 0 ? 'not known' : 'none')}`,
  ]
}

const switchWords = (one: Collection): string => {
  const { path, known, whyNot } = one
  if (path === undefined) return 'none: before 0.9 the operator serves no metrics of its own'
  if (known === undefined) return `${path}: not known, ${whyNot}`
  if (known.by === 'applied')
    return `${path} ${known.on ? 'on' : 'off'}, by what ${formatRef(refOf(known.object))} applies: its values in Git are not read`
  return `${path} ${meaningOf(one)}`
}

const releaseWords = ({ chain: { install } }: Collection): string => {
  switch (install.by) {
    case 'helm':
      return `${install.release.namespace}/${install.release.name}`
    case 'argo-cd':
      return `kept by Argo CD application ${install.application}`
    case 'flux':
      return `kept by Flux ${install.kind} ${install.namespace}/${install.name}`
    case 'unknown':
      return 'not installed by Helm'
  }
}

/** Where the switch is to be changed instead; undefined where Helm's release is the place. */
export const keptElsewhere = (
  { chain: { install }, path, release, known, whyNot }: Collection,
  value: boolean,
): string | undefined => {
  switch (install.by) {
    case 'helm':
      return release && !known ? `Set ${path}: ${value} by its place in the release: ${whyNot}.` : undefined
    case 'argo-cd':
      return `Argo CD application ${install.application} keeps this release: in Git set the Helm value ${path}: ${value}, and sync.`
    case 'flux':
      return install.kind === 'HelmRelease'
        ? `Flux HelmRelease ${install.namespace}/${install.name} keeps this release: in Git set spec.values.${path}: ${value}.`
        : `Flux Kustomization ${install.namespace}/${install.name} keeps the operator: in Git render the chart with ${path}: ${value}.`
    case 'unknown':
      return `The operator was not installed by Helm: render the chart with ${path}: ${value} where its manifests come from, and apply them.`
  }
}

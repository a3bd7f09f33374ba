import { ask, shardsOf } from '../facts/ask-prometheus.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import type { Standing } from '../fix/verify.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { Service } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { parseTargets } from '../prometheus/api.ts'
import { isTargetOf } from '../prometheus/target-of-service.ts'
import { run } from '../run.ts'
import type { ChangeFlags } from './change-flags.ts'
import { clusterFacts } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import {
  type Collection,
  collectionsIn,
  isCollected,
  keptElsewhere,
  noOperator,
  openCollections,
  theOneOf,
} from './collection.ts'
import { askedFor, type Change, makeChange, wordsOf } from './make-change.ts'
import { notRead } from './not-read.ts'

type Flags = ChangeFlags & ClusterFlags & SearchFlags

export interface Switched {
  readonly exitCode: number
  /** For stderr, a line each. */
  readonly notes: readonly string[]
}

/** Sets the documented Helm value, by an upgrade of the release with its own chart, and proves it. @throws UserError */
export const switchCollection = async (to: 'on' | 'off', flags: Flags, toolVersion: string): Promise<Switched> => {
  const { context, collections, unread } = await openCollections(flags)
  const one = theOneOf(collections)
  if (!one)
    return unread.length > 0 ? { exitCode: 3, notes: unread.map(notRead) } : { exitCode: 1, notes: [noOperator] }
  const already = alreadyIs(to, one)
  if (already !== undefined) return { exitCode: 0, notes: [already] }
  const elsewhere = keptElsewhere(one, to === 'on')
  if (elsewhere !== undefined) return { exitCode: 1, notes: [elsewhere] }
  if (!one.release) return { exitCode: 3, notes: one.unread.map(notRead) }
  const { cluster, narrowing, reading } = context
  const examined = await run(cluster, { narrowing, reading, only: [], skip: [] })
  const { exitCode, remedy } = await makeChange(flags, examined, changeOf(to, one, flags), toolVersion)
  return { exitCode, notes: wordsOf(remedy) }
}

/** Nothing is upgraded for a value that says already what is there; unset and collected is as good as true. */
const alreadyIs = (to: 'on' | 'off', one: Collection): string | undefined => {
  const { chain, setting, monitors, unread } = one
  if (to === 'on' && isCollected(one) && setting?.value !== false)
    return `${formatRef(refOf(chain.workload))} is collected from already: Service and ServiceMonitor are there. Nothing to do.`
  const isGone = chain.service === undefined && monitors.length === 0 && unread.length === 0
  return to === 'off' && isGone && setting?.value === false
    ? `Collection from ${formatRef(refOf(chain.workload))} is switched off already. Nothing to do.`
    : undefined
}

const changeOf = (to: 'on' | 'off', one: Collection, flags: Flags): Change => {
  const { chain, release, path = '' } = one
  const set = { [path]: to === 'on' }
  const steps = release
    ? [
        {
          do: 'helm-upgrade' as const,
          release: {
            namespace: release.namespace,
            name: release.name,
            chart: release.chart.name,
            version: release.chart.version,
          },
          set,
        },
      ]
    : []
  const fix = {
    id: 'switch',
    risk: 'disruptive',
    at: 'source',
    steps,
    lasts: 'Yes: it becomes a value of the release.',
  } as const
  const subject = refOf(chain.workload)
  return to === 'on'
    ? {
        agreed: flags.yes,
        cause: askedFor('collection/enable', subject, 'You asked for metrics of the operator to be collected.', {
          ...fix,
          title: 'Switch metrics collection on in the release',
          verify: ['service-exists', 'monitor-exists', 'scrape-target-up'],
        }),
      }
    : {
        agreed: flags.yes,
        cause: askedFor('collection/disable', subject, whatStops, {
          ...fix,
          title: 'Switch metrics collection off in the release',
          verify: [],
        }),
        prove: () => isGone(one, flags),
      }
}

const whatStops =
  'What stops: Prometheus gets no more metrics of the operator, the dashboard’s panels run empty, and alerts on dynamo_operator_* no longer fire. What was collected stays for as long as Prometheus keeps it. Models and their own metrics go on as before.'

/** Off is proved by what is gone: the Service, its ServiceMonitors, and the target of every Prometheus. */
const isGone = async (before: Collection, flags: Flags): Promise<Standing> => {
  const context = await clusterFacts(flags)
  const { collections, unread } = await collectionsIn(context)
  const now = collections.find(({ chain }) => chain.id === before.chain.id)
  if (!now) return { proved: false, where: unread[0] ? notRead(unread[0]) : 'the operator is not there any more' }
  const { service } = now.chain
  if (service) return { proved: false, where: `${formatRef(refOf(service))} is still there` }
  const [monitor] = now.monitors
  if (monitor) return { proved: false, where: `${formatRef(refOf(monitor))} is still there` }
  const [missing] = now.unread
  if (missing) return { proved: false, where: `not known: ${notRead(missing)}` }
  return targetIsGone(context, before.chain.service ?? serviceNamed(before.chain.expected.service))
}

const serviceNamed = ({ namespace = 'default', name }: ObjectRef): Pick<Service, 'metadata'> => ({
  metadata: { namespace, name },
})

const targetIsGone = async (context: ReadContext, service: Pick<Service, 'metadata'>): Promise<Standing> => {
  const [prometheuses, pods] = await Promise.all([context.fact('prometheuses'), context.fact('prometheusPods')])
  if (!prometheuses.ok) return { proved: false, where: `not known: ${notRead(prometheuses.unavailable)}` }
  if (!pods.ok) return { proved: false, where: `not known: ${notRead(pods.unavailable)}` }
  const [unread] = [...prometheuses.value.unread, ...pods.value.unread]
  if (unread) return { proved: false, where: `not known: ${notRead(unread)}` }
  const asked = prometheuses.value.items.map(prometheus => ({
    name: formatRef(refOf(prometheus)),
    shards: shardsOf(context, prometheus, pods.value.items),
  }))
  for (const { name, shards } of asked) {
    if (shards.length === 0) return { proved: false, where: `${name} has no ready pod that could be asked` }
    for (const shard of shards) {
      const targets = await ask(context, shard, '/api/v1/targets?state=active', parseTargets)
      if (!targets.ok) return { proved: false, where: `not known: ${notRead(targets.unavailable)}` }
      if (targets.value.some(target => isTargetOf(target, service)))
        return { proved: false, where: `${shard.pod} still has the target` }
    }
  }
  return { proved: true, reason: asked.length > 0 ? goneEverywhere : goneHere }
}

const goneEverywhere = 'Service and ServiceMonitor are gone, and no Prometheus has the target any more.'
const goneHere = 'Service and ServiceMonitor are gone. No Prometheus object is here to be asked about the target.'

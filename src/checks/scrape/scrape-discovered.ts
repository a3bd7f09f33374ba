import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import { isLeaving, startedWithin } from '../../kubernetes/pods.ts'
import { pointerOf } from '../../kubernetes/pointer-of.ts'
import { selectsPod } from '../../kubernetes/workloads.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Pod, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { DroppedTarget } from '../../model/prometheus.ts'
import { itemsIn } from '../../model/read.ts'
import { surelyDropped } from '../../prometheus/surely-dropped.ts'
import { type DropCause, whyDropped } from '../../prometheus/why-dropped.ts'
import { defineCheck } from '../define-check.ts'
import { wantedMonitors } from '../stack/wanted-monitors.ts'
import { beforeDiscovery } from './caused-by.ts'
import { lastsOn } from './lasts-on.ts'
import {
  hasActive,
  isActiveSomewhere,
  isPartial,
  type Link,
  linksOf,
  nameOf,
  noLink,
  originOf,
  targetsOf,
  unansweredBy,
  whyUnasked,
} from './links.ts'
import { isTokenKeptOut, mountToken, tokenKeptOut } from './mounted-token.ts'

type Code = 'scrape/all-dropped' | 'scrape/not-discovered'

export const scrapeDiscovered = defineCheck({
  id: 'scrape-discovered',
  title: 'Prometheus has discovered the target',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: ['prometheusStates', 'server', 'namespaces', 'prometheusOperators', 'operatorPods'],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/all-dropped': {
      title: 'Every discovered target is dropped by a relabeling',
      severity: 'error',
      causedBy: beforeDiscovery,
    },
    'scrape/not-discovered': {
      title: 'The scrape job has no target at all',
      severity: 'error',
      // A Prometheus with keepDroppedTargets forgets what it dropped.
      causedBy: [...beforeDiscovery, 'scrape/all-dropped'],
    },
  },
  run(facts) {
    const { prometheusStates: states } = facts
    const links = linksOf(facts, itemsIn(states))
    if (links.length === 0) return noLink(facts)
    const without = links.filter(link => !isActiveSomewhere(link, links))
    const now = facts.server.ok ? facts.server.value.now : undefined
    const pods = itemsIn(facts.operatorPods)
    const unanswered = without.filter(link => !isAnswered(link))
    const ruled = without.flatMap(link => {
      const drop = droppedByObjects(link, wantedMonitors(link.prometheus, link.monitors, facts.namespaces))
      return drop ? [{ link, drop }] : []
    })
    const open = unanswered.filter(link => !ruled.some(one => one.link === link))
    const answered = without
      .filter(link => !unanswered.includes(link))
      .map(link =>
        droppedOf(link).length > 0
          ? allDropped(link, furthest(link))
          : notDiscovered(link, settlingOf(link, pods, now)),
      )
    return {
      findings: distinct([
        ...ruled.map(({ link, drop }) => ({ ...allDropped(link, drop), causedBy: [] })),
        ...answered,
      ]),
      unknown: open.map(link => ({
        missing: states.ok ? unansweredBy(link) : [states.unavailable],
        reason:
          (states.ok ? whyUnasked(link) : undefined) ??
          (states.ok && isPartial(link)
            ? `only ${link.shards.length} of ${link.prometheus.spec?.shards} shards of ${nameOf(link)} could be asked`
            : `which targets ${nameOf(link)} has discovered`),
      })),
      notes: links.filter(hasActive).map(
        link =>
          `${nameOf(link)}: ${targetsOf(link)
            .map(({ scrapeUrl }) => scrapeUrl)
            .join(', ')}`,
      ),
    }
  },
})

/**
 * Whether every shard said what it holds, what it dropped and, where that is nothing, since when it looks. A job without
 * endpoints is asked for nothing.
 */
const isAnswered = (link: Link): boolean =>
  link.shards.length > 0 &&
  !isPartial(link) &&
  link.shards.every(
    ({ active, dropped, runtime }) =>
      active.ok && (dropped?.ok ?? link.pools.length === 0) && (runtime.ok || droppedOf(link).length > 0),
  )

const droppedOf = ({ shards }: Link): readonly DroppedTarget[] =>
  shards.flatMap(({ dropped }) => (dropped?.ok ? dropped.value : []))

/** How far a target came before it was dropped: the one that came furthest shows what is really wrong. */
const stages = ['selector', 'port', 'phase', 'scrape-class-relabeling', 'relabeling', 'shard', 'unknown'] as const

interface Drop {
  readonly monitor: ServiceMonitor | undefined
  readonly why: DropCause
}

/**
 * What closes every way that the ServiceMonitors open, whatever Prometheus would say: a fault of its own, also where
 * discovery never came to it for another's sake.
 */
const droppedByObjects = (
  { chain: { service, workload }, prometheus }: Link,
  monitors: readonly ServiceMonitor[],
): Drop | undefined => {
  const ways = monitors.flatMap(monitor =>
    (monitor.spec?.endpoints ?? []).map((_, endpointIndex) => ({
      monitor,
      why: service && surelyDropped({ service, workload, serviceMonitor: monitor, endpointIndex, prometheus }),
    })),
  )
  const closed = ways.flatMap(({ monitor, why }) => (why ? [{ monitor, why }] : []))
  return closed.length === ways.length ? closed[0] : undefined
}

const allDropped = (link: Link, { monitor, why }: Drop): Finding<Code> => {
  const subject = monitor && why.by !== 'scrape-class-relabeling' ? refOf(monitor) : refOf(link.prometheus)
  const dropped = droppedOf(link)
  return {
    code: 'scrape/all-dropped',
    subject,
    about: [...link.about, subject],
    message:
      dropped.length > 0
        ? `${nameOf(link)} discovers ${link.chain.service?.metadata.name}, and a relabeling drops every target of it`
        : `A relabeling drops every target of ${link.chain.service?.metadata.name} that ${nameOf(link)} discovers`,
    evidence: [
      {
        ref: subject,
        path: why.path ?? '/api/v1/targets droppedTargets',
        expected: 'a rule that keeps the target',
        actual: why.rule ? JSON.stringify(why.rule) : `${dropped.length} targets, all dropped`,
      },
    ],
    because: becauseOf[why.by],
    fixes: [monitor && why.by === 'relabeling' && why.path ? removeRule(monitor, why.path) : correctRule(why, subject)],
  }
}

/** Several Prometheuses, and what they say, show the same rule: it is one fault. */
const distinct = (findings: readonly Finding<Code>[]): readonly Finding<Code>[] =>
  findings.filter(
    ({ code, subject, evidence: [{ path }] }, index) =>
      code !== 'scrape/all-dropped' ||
      index ===
        findings.findIndex(
          other => other.code === code && sameObject(other.subject, subject) && other.evidence[0].path === path,
        ),
  )

/** What dropped the target that came furthest. */
const furthest = (link: Link): Drop => {
  const judged = droppedOf(link).flatMap(target => {
    const { monitor, index } = originOf(link, target) ?? {}
    const { discoveredLabels } = target
    const { prometheus } = link
    return monitor && index !== undefined
      ? [{ monitor, why: whyDropped({ discoveredLabels, serviceMonitor: monitor, endpointIndex: index, prometheus }) }]
      : []
  })
  const [best] = judged.sort((a, b) => stages.indexOf(b.why.by) - stages.indexOf(a.why.by))
  return best ?? { monitor: link.monitors[0], why: { by: 'unknown' } }
}

const verify = ['scrape-discovered', 'scrape-target-up']

const removeRule = (monitor: ServiceMonitor, path: string): Fix => ({
  id: 'remove-relabeling',
  title: 'Remove the relabeling that drops the target',
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: refOf(monitor),
      type: 'json',
      patch: [{ op: 'remove', path: pointerOf(ruleOrList(monitor, path)) }],
    },
  ],
  lasts: lastsOn(monitor),
  verify,
})

/** An empty list is another value than none: where a release renders none, its next upgrade stops at the conflict. */
const ruleOrList = ({ spec }: ServiceMonitor, path: string): string => {
  const [, list, index] = /^(spec\.endpoints\[(\d+)\]\.relabelings)\[\d+\]$/.exec(path) ?? []
  return list !== undefined && spec?.endpoints?.[Number(index)]?.relabelings?.length === 1 ? list : path
}

const correctRule = ({ path }: DropCause, subject: ObjectRef): Fix => ({
  id: 'correct-relabeling',
  title: 'Correct the rule where it comes from',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text:
        path === undefined
          ? 'None of the objects that were read makes the rule: see relabel_configs of the job in the configuration that Prometheus runs with.'
          : `The rule comes from ${path} of ${formatRef(subject)}.`,
    },
  ],
  lasts: 'Yes, when it is changed in the values or the manifest that render it.',
  verify,
})

const becauseOf: Readonly<Record<DropCause['by'], string>> = {
  selector: 'the Service’s labels do not match the ServiceMonitor’s selector',
  port: 'none of the Service’s ports is the one the ServiceMonitor asks for',
  phase: 'the pods behind it have ended',
  relabeling:
    'a relabeling of the ServiceMonitor itself keeps or drops by a label that this target does not have as expected',
  'scrape-class-relabeling': 'a relabeling of the scrape class, which the Prometheus object defines, drops it',
  shard: 'it belongs to another shard of this Prometheus, and that shard does not hold it either',
  unknown: 'a rule drops it that the objects read here do not show',
}

/** Discovery starts anew after a reload and tells of new pods every five seconds: what it has not found in this time it does not see. */
const settling = 30_000

/** Why there may be no target yet; undefined where there should be one. */
const settlingOf = ({ shards, chain }: Link, pods: readonly Pod[], now: string | undefined): string | undefined => {
  if (now === undefined) return undefined
  const isRecent = (time: string) => Date.parse(now) - Date.parse(time) < settling
  if (shards.some(({ runtime }) => runtime.ok && isRecent(runtime.value.lastConfigTime)))
    return 'Prometheus loaded its configuration seconds ago, and discovery starts anew with it'
  const own = pods.filter(pod => selectsPod(chain.workload, pod) && !isLeaving(pod))
  return chain.service && own.length > 0 && own.every(pod => startedWithin(settling, pod, now))
    ? 'the pods behind the Service are seconds old, and discovery has not told of them yet'
    : undefined
}

const notDiscovered = (link: Link, settles: string | undefined): Finding<Code> => {
  const { prometheus } = link
  const subject = refOf(prometheus)
  const isBlind = isTokenKeptOut(prometheus) && prometheus.spec?.apiserverConfig === undefined
  return {
    code: 'scrape/not-discovered',
    subject,
    about: link.about,
    ...(settles === undefined ? {} : { severity: 'pending' as const }),
    message: `${nameOf(link)} has no target of ${link.chain.service?.metadata.name ?? 'the operator'}`,
    evidence: [
      {
        ref: subject,
        path: `/api/v1/targets?scrapePool=${link.pools[0] ?? ''}`,
        expected: 'a target',
        actual: 'none, neither active nor dropped',
      },
      ...(isBlind ? [tokenKeptOut(prometheus)] : []),
    ],
    because:
      settles ??
      (isBlind
        ? 'the Prometheus object keeps the ServiceAccount’s token out of its pods, and without it discovery may ask the API server nothing'
        : 'service discovery sees no endpoint of the Service'),
    fixes: [isBlind ? mountToken(prometheus, verify) : seeDiscovery(subject)],
  }
}

const seeDiscovery = ({ namespace, name }: ObjectRef): Fix => ({
  id: 'see-discovery',
  title: 'See what service discovery says',
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: 'Its log names what it may not list or cannot reach.',
      commands: [
        `kubectl -n ${namespace} logs -l operator.prometheus.io/name=${name} -c prometheus --tail=200 | grep -i 'failed to list'`,
      ],
    },
  ],
  lasts: 'Depends on the cause.',
  verify: ['scrape-discovered'],
})

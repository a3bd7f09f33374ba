import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { DroppedTarget } from '../../model/prometheus.ts'
import { monitorOfPool } from '../../prometheus/scrape-pools.ts'
import { whyDropped } from '../../prometheus/why-dropped.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { beforeDiscovery } from './caused-by.ts'
import { hasActive, type Link, linksOf, nameOf, unansweredBy } from './links.ts'

type Code = 'scrape/all-dropped' | 'scrape/not-discovered'

export const scrapeDiscovered = defineCheck({
  id: 'scrape-discovered',
  title: 'Prometheus has discovered the target',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses', 'prometheusStates'],
  wants: ['namespaces', 'prometheusOperators'],
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
      causedBy: beforeDiscovery,
    },
  },
  run({ chains, serviceMonitors, prometheuses, prometheusStates, namespaces, prometheusOperators }) {
    const concerned = concernedPrometheuses({
      prometheuses,
      chains: { ok: true, value: chains },
      serviceMonitors: { ok: true, value: serviceMonitors },
      namespaces,
    })
    const links = linksOf(concerned, {
      chains,
      serviceMonitors,
      prometheusStates: { ok: true, value: prometheusStates },
      prometheusOperators,
    })
    if (links.length === 0) return { notApplicable: 'there is no ServiceMonitor' }
    const without = links.filter(
      link => !hasActive(link) && !links.some(other => other.chain === link.chain && hasActive(other)),
    )
    const unanswered = without.filter(link => link.shards.length === 0 || unansweredBy(link).length > 0)
    return {
      findings: without
        .filter(link => !unanswered.includes(link))
        .map(link => (droppedOf(link).length > 0 ? allDropped(link) : notDiscovered(link))),
      unknown: unanswered.map(link => ({
        missing: unansweredBy(link),
        reason:
          link.shards.length === 0
            ? `${nameOf(link)} has no ready pod that could be asked`
            : `which targets ${nameOf(link)} has discovered`,
      })),
      notes: links.filter(hasActive).map(
        link =>
          `${nameOf(link)}: ${activeOf(link)
            .map(({ scrapeUrl }) => scrapeUrl)
            .join(', ')}`,
      ),
    }
  },
})

const activeOf = ({ shards }: Link) => shards.flatMap(({ active }) => (active.ok ? active.value : []))

/** Only what came from the chain's own Service counts: a job discovers every Service of its namespaces first. */
const droppedOf = ({ shards, chain }: Link): readonly DroppedTarget[] =>
  shards
    .flatMap(({ dropped }) => (dropped?.ok ? dropped.value : []))
    .filter(
      ({ discoveredLabels }) =>
        discoveredLabels.__meta_kubernetes_service_name === chain.service?.metadata.name &&
        discoveredLabels.__meta_kubernetes_namespace === chain.service?.metadata.namespace,
    )

const allDropped = (link: Link): Finding<Code> => {
  const [target] = droppedOf(link)
  const origin = monitorOfPool(target?.scrapePool || (target?.discoveredLabels.job ?? ''))
  const monitor = link.monitors.find(({ metadata }) => metadata.name === origin?.name) ?? link.monitors[0]
  const why =
    target && monitor
      ? whyDropped({
          discoveredLabels: target.discoveredLabels,
          serviceMonitor: monitor,
          endpointIndex: origin?.index ?? 0,
          prometheus: link.prometheus,
        })
      : undefined
  const subject = monitor && why?.by !== 'scrape-class-relabeling' ? refOf(monitor) : refOf(link.prometheus)
  const rule = why?.rule ? JSON.stringify(why.rule) : undefined
  const evidence: Evidence = {
    ref: subject,
    path: why?.path ?? '/api/v1/targets droppedTargets',
    expected: 'a target that is kept',
    actual: rule ?? `${droppedOf(link).length} targets of ${formatRef(link.chain.expected.service)}, all dropped`,
  }
  return {
    code: 'scrape/all-dropped',
    subject,
    about: [...link.about, subject],
    message: `${nameOf(link)} discovers ${link.chain.service?.metadata.name}, and a relabeling drops every target of it`,
    evidence: [evidence],
    because: becauseOf[why?.by ?? 'unknown'],
    fixes: [
      why?.by === 'relabeling' && why.path
        ? {
            id: 'remove-relabeling',
            title: 'Remove the relabeling that drops the target',
            risk: 'disruptive',
            at: 'live',
            steps: [
              { do: 'patch', target: subject, type: 'json', patch: [{ op: 'remove', path: pointerOf(why.path) }] },
            ],
            lasts: 'Yes where the release renders no such rule: the object only drifted from it.',
            verify: ['scrape-discovered', 'scrape-target-up'],
          }
        : {
            id: 'correct-relabeling',
            title: 'Correct the rule where it comes from',
            risk: 'manual',
            at: 'source',
            steps: [{ do: 'tell', text: `The rule: ${why?.path ?? 'not found in the objects that were read'}.` }],
            lasts: 'Yes, when it is changed in the values or the manifest that render it.',
            verify: ['scrape-discovered', 'scrape-target-up'],
          },
    ],
  }
}

const becauseOf: Readonly<Record<ReturnType<typeof whyDropped>['by'], string>> = {
  selector: 'the Service’s labels do not match the ServiceMonitor’s selector',
  port: 'none of the Service’s ports is the one the ServiceMonitor asks for',
  phase: 'the pods behind it have ended',
  relabeling:
    'a relabeling of the ServiceMonitor itself keeps or drops by a label that this target does not have as expected',
  'scrape-class-relabeling': 'a relabeling of the scrape class, which the Prometheus object defines, drops it',
  shard: 'it belongs to another shard of this Prometheus, and that shard does not hold it either',
  unknown: 'a rule drops it that the objects read here do not show',
}

/** `spec.endpoints[0].relabelings[2]` as a JSON pointer. */
const pointerOf = (path: string): string => `/${path.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`

const notDiscovered = (link: Link): Finding<Code> => {
  const subject = refOf(link.prometheus)
  return {
    code: 'scrape/not-discovered',
    subject,
    about: link.about,
    message: `${nameOf(link)} has the scrape job and no target in it`,
    evidence: [
      {
        ref: subject,
        path: `/api/v1/targets?scrapePool=${link.pools[0] ?? ''}`,
        expected: 'a target',
        actual: 'none, neither active nor dropped',
      },
    ],
    because: 'service discovery sees no endpoint of the Service',
    fixes: [
      {
        id: 'see-discovery',
        title: 'See what service discovery says',
        risk: 'manual',
        at: 'live',
        steps: [
          {
            do: 'tell',
            text: 'Its log names what it may not list or cannot reach.',
            commands: [
              `kubectl -n ${subject.namespace} logs -l operator.prometheus.io/name=${subject.name} -c prometheus --tail=200 | grep -i 'failed to list'`,
            ],
          },
        ],
        lasts: 'Depends on the cause.',
        verify: ['scrape-discovered'],
      },
    ],
  }
}

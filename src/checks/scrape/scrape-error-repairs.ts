import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Fix, FixStep } from '../../model/fix.ts'
import type { Endpoint } from '../../model/kubernetes.ts'
import type { OtherPolicies } from '../../model/prometheus.ts'
import { limitsInForce } from '../../prometheus/limits-in-force.ts'
import { classifyScrapeError, type ScrapeErrorCode } from '../../prometheus/scrape-error.ts'
import { atProxy } from './at-proxy.ts'
import type { Failure, Repair } from './failure.ts'
import { lastsOn } from './lasts-on.ts'
import { leftOut } from './left-out.ts'
import type { Link } from './links.ts'
import { shortTimeout } from './short-timeout.ts'

export interface Situation extends Failure {
  /** Policies of the network's own, of which nobody knows whether they let Prometheus pass. */
  readonly unjudged: readonly OtherPolicies[]
}

type Code = Exclude<ScrapeErrorCode, 'scrape/unauthorized' | 'scrape/forbidden'>

/** What stands behind a scrape error, and how it is repaired. */
export const repairOf = (code: Code, situation: Situation): Repair =>
  leftOut(situation) ?? atProxy(situation) ?? repairs[code](situation)

const repairs: Readonly<Record<Code, (situation: Situation) => Repair>> = {
  'scrape/scheme-mismatch': situation => {
    const scheme = situation.target?.scrapeUrl.startsWith('https:') ? 'http' : 'https'
    return inEndpoint(situation, {
      field: 'scheme',
      value: scheme,
      because: `${detailOf(situation)}: the ServiceMonitor’s scheme and what the operator serves were set apart`,
      fix: { id: `use-${scheme}`, title: `Scrape over ${scheme === 'https' ? 'HTTPS' : 'plain HTTP'}` },
    })
  },
  'scrape/tls': situation =>
    inEndpoint(situation, {
      field: 'tlsConfig',
      value: { ...situation.monitor?.spec?.endpoints?.[situation.index]?.tlsConfig, insecureSkipVerify: true },
      because: `${detailOf(situation)}; the operator makes its own certificate at each start, so nobody can verify it`,
      fix: { id: 'skip-verification', title: 'Do not verify the self-made certificate' },
    }),
  'scrape/not-found': situation =>
    inEndpoint(situation, {
      field: 'path',
      value: '/metrics',
      because: 'the operator serves its metrics under /metrics, and nothing under other paths',
      fix: { id: 'correct-path', title: 'Scrape /metrics' },
    }),
  'scrape/content-type': situation => {
    const { subject } = common(situation)
    return {
      ...common(situation),
      because: 'Prometheus 3 no longer guesses the format of an answer that does not name it',
      fixes: [
        {
          id: 'set-fallback-protocol',
          title: 'Tell Prometheus which format to take the answer for',
          risk: 'disruptive',
          at: 'live',
          steps: [
            {
              do: 'tell',
              text: 'First see that it is the operator that answers, and not a proxy or another server on that port.',
            },
            {
              do: 'patch',
              target: subject,
              type: 'merge',
              patch: { spec: { fallbackScrapeProtocol: 'PrometheusText0.0.4' } },
            },
          ],
          lasts: situation.monitor ? lastsOn(situation.monitor) : 'Depends on who renders it.',
          verify,
        },
      ],
    }
  },
  'scrape/limit-exceeded': ({ link, monitor, target }) => {
    const limits = limitsInForce(target?.lastError ?? '', monitor, link.prometheus)
    const [inForce] = limits
    const where = inForce && `${inForce.path} of ${formatRef(inForce.ref)}`
    return {
      subject: inForce?.ref ?? refOf(link.prometheus),
      evidence: limits.map(({ ref, path, value }) => ({
        ref,
        path,
        expected: 'room for all that the operator serves',
        actual: value,
      })),
      because: `${inForce ? `${formatRef(inForce.ref)} sets ${inForce.path.replace('spec.', '')} to ${inForce.value}` : 'a limit on samples, labels, targets or the size of an answer is in force'}, and one scrape that passes it counts for nothing`,
      fixes: [
        {
          id: 'raise-limit',
          title: 'Raise the limit where it is set',
          risk: 'manual',
          at: 'source',
          steps: [where ? raise(where) : findLimit(link)],
          lasts: 'Yes, when it is changed in the values that render the object.',
          verify,
        },
      ],
    }
  },
  'scrape/connection-refused': situation => ({
    ...unreached(situation),
    because: `${detailOf(situation)}: the operator does not run, listens elsewhere, or only on its loopback address`,
    fixes: [
      look(
        situation,
        'See whether the operator listens',
        `An operator that has just started, or one bound to 127.0.0.1, refuses connections.${unjudgedWords(situation)}`,
        policyCommands(situation),
      ),
    ],
  }),
  'scrape/timeout': situation =>
    shortTimeout(situation) ?? {
      ...unreached(situation),
      because:
        'packets are dropped on the way (a policy, a service mesh or a firewall does that), or the operator takes too long to answer',
      fixes: [
        look(
          situation,
          'See what lies between',
          `The policies of both namespaces, a service mesh, a firewall between nodes, an operator at its CPU limit.${unjudgedWords(situation)}`,
          policyCommands(situation),
        ),
      ],
    },
  'scrape/dns': situation => ({
    ...inPrometheus(situation),
    because: 'targets that discovery finds are addresses: a name in their place comes from a relabeling',
    fixes: [
      look(
        situation,
        'See where the name comes from',
        'Look for relabelings that set __address__ in the ServiceMonitor and in the scrape class.',
      ),
    ],
  }),
  'scrape/down': situation => ({
    ...inPrometheus(situation),
    because: `in Prometheus’s words: ${detailOf(situation)}`,
    fixes: [
      look(
        situation,
        'See what the operator says',
        'The error is Prometheus’s own; the operator’s log may hold its other half.',
      ),
    ],
  }),
}

const verify = ['scrape-target-up', 'metrics-families-present']

const detailOf = ({ link, target }: Situation): string =>
  classifyScrapeError(target?.lastError ?? '', { era: link.chain.era, scrapeUrl: target?.scrapeUrl ?? '' }).detail

const raise = (where: string): FixStep => ({
  do: 'tell',
  text: `It is ${where}: raise it in the values or the manifest that render the object.`,
})

const findLimit = ({ prometheus, monitors }: Link): FixStep => ({
  do: 'tell',
  text: 'It stands in the ServiceMonitor (sampleLimit, targetLimit, labelLimit, bodySizeLimit), or in the Prometheus object as an enforced limit, which wins where it is lower.',
  commands: [
    `kubectl -n ${prometheus.metadata.namespace} get prometheus ${prometheus.metadata.name} -o yaml | grep -i limit`,
    ...monitors.map(
      ({ metadata }) => `kubectl -n ${metadata.namespace} get servicemonitor ${metadata.name} -o yaml | grep -i limit`,
    ),
  ],
})

const inPrometheus = ({ link }: Situation) => ({ subject: refOf(link.prometheus), evidence: [] })

/** Where policies of another kind stand between, that they were not judged is part of what was found. */
const unreached = ({ link, unjudged }: Situation) => ({
  subject: refOf(link.prometheus),
  evidence: unjudged.flatMap(({ product, kinds }) =>
    kinds.map(name => ({
      ref: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name },
      expected: 'no policy that could be in the way',
      actual: `policies of ${product} may exist: they are not evaluated`,
    })),
  ),
})

const unjudgedWords = ({ unjudged }: Situation): string =>
  unjudged.length === 0 ? '' : ' This cluster knows policies beside the standard ones: see whether one is in the way.'

const policyCommands = ({ link, unjudged }: Situation): readonly string[] => {
  const kinds = ['networkpolicies', ...unjudged.flatMap(({ kinds: others }) => others)].join(',')
  const namespaces = [link.chain.workload, link.prometheus].flatMap(({ metadata }) => metadata.namespace ?? [])
  return [...new Set(namespaces)].map(namespace => `kubectl -n ${namespace} get ${kinds}`)
}

/** The ServiceMonitor is what to change, though no single field of it is wrong. */
const common = (situation: Situation) => ({
  subject: situation.monitor ? refOf(situation.monitor) : refOf(situation.link.prometheus),
  evidence: [],
})

interface EndpointField {
  readonly field: keyof Endpoint
  readonly value: unknown
  readonly because: string
  readonly fix: { readonly id: string; readonly title: string }
}

/** One field of the endpoint decides. */
const inEndpoint = (situation: Situation, { field, value, because, fix }: EndpointField): Repair => {
  const { monitor, index } = situation
  if (!monitor) return { ...inPrometheus(situation), because, fixes: [look(situation, fix.title, because)] }
  const subject = refOf(monitor)
  const found = monitor.spec?.endpoints?.[index]?.[field]
  if (textOf(found ?? defaults[field]) === textOf(value))
    return {
      ...inPrometheus(situation),
      because: `${detailOf(situation)}, though the ServiceMonitor’s ${field} is right: something else answers on that port`,
      fixes: [
        look(situation, 'See what answers', 'Another server, a proxy or a service mesh may stand at that address.'),
      ],
    }
  return {
    subject,
    evidence: [
      {
        ref: subject,
        path: `spec.endpoints[${index}].${field}`,
        expected: textOf(value),
        actual: found === undefined ? 'not set' : textOf(found),
      },
    ],
    because,
    fixes: [
      {
        ...fix,
        risk: 'disruptive',
        at: 'live',
        steps: [
          {
            do: 'patch',
            target: subject,
            type: 'json',
            patch: [{ op: 'add', path: `/spec/endpoints/${index}/${field}`, value }],
          },
        ],
        lasts: lastsOn(monitor),
        verify,
      },
    ],
  }
}

/** What prometheus-operator takes where the field is not set. */
const defaults: Readonly<Partial<Record<keyof Endpoint, unknown>>> = { path: '/metrics', scheme: 'http' }

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const look = (
  { link: { chain, prometheus } }: Situation,
  title: string,
  text: string,
  commands: readonly string[] = [],
): Fix => {
  const { namespace, name } = chain.workload.metadata
  return {
    id: 'look-at-operator',
    title,
    risk: 'manual',
    at: 'live',
    steps: [
      {
        do: 'tell',
        text,
        commands: [
          ...commands,
          `kubectl -n ${namespace} get pods -o wide`,
          `kubectl -n ${namespace} logs deployment/${name} --all-containers --tail=50`,
          `kubectl -n ${prometheus.metadata.namespace} logs -l operator.prometheus.io/name=${prometheus.metadata.name} -c prometheus --tail=50`,
        ],
      },
    ],
    lasts: 'Depends on the cause.',
    verify,
  }
}

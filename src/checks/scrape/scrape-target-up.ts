import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { Target } from '../../model/prometheus.ts'
import { monitorOfPool } from '../../prometheus/scrape-pools.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { beforeScrape } from './caused-by.ts'
import { type Link, linksOf, nameOf } from './links.ts'
import { errorOf } from './target-error.ts'

type Code =
  | 'scrape/not-scraped-yet'
  | 'scrape/connection-refused'
  | 'scrape/timeout'
  | 'scrape/dns'
  | 'scrape/tls'
  | 'scrape/scheme-mismatch'
  | 'scrape/not-found'
  | 'scrape/content-type'
  | 'scrape/limit-exceeded'
  | 'scrape/down'

const error = (title: string) => ({ title, severity: 'error', causedBy: beforeScrape }) as const

export const scrapeTargetUp = defineCheck({
  id: 'scrape-target-up',
  title: 'The target is up',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses', 'prometheusStates'],
  wants: ['namespaces', 'prometheusOperators'],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/not-scraped-yet': { title: 'The target has not been scraped yet', severity: 'pending' },
    'scrape/connection-refused': error('Nothing listens where Prometheus scrapes'),
    'scrape/timeout': error('The scrape does not end in time'),
    'scrape/dns': error('The name of the target does not resolve'),
    'scrape/tls': error('The TLS connection to the target fails'),
    'scrape/scheme-mismatch': error('HTTP is spoken to HTTPS, or the reverse'),
    'scrape/not-found': error('The metrics are not under this path (404)'),
    'scrape/content-type': error('The answer’s content type is not one that Prometheus takes'),
    'scrape/limit-exceeded': error('The scrape exceeds a limit of the Prometheus'),
    'scrape/down': error('The target is down'),
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
    const scraping = links.filter(link => targetsOf(link).length > 0)
    const unread = links.flatMap(({ shards }) =>
      shards.flatMap(({ active }) => (active.ok ? [] : [active.unavailable])),
    )
    if (scraping.length === 0 && unread.length === 0)
      return { notApplicable: 'no Prometheus has a target of the operator' }
    return {
      findings: scraping.flatMap(link => findingsOf(link)),
      unknown:
        unread.length > 0 && scraping.length === 0 ? [{ missing: unread, reason: 'whether the target is up' }] : [],
      notes: scraping.flatMap(link =>
        targetsOf(link)
          .filter(({ health }) => health === 'up')
          .map(({ scrapeUrl }) => `${nameOf(link)}: ${scrapeUrl} is up`),
      ),
    }
  },
})

const targetsOf = ({ shards }: Link): readonly Target[] =>
  shards.flatMap(({ active }) => (active.ok ? active.value : []))

/** One finding a code; a pod of several that is down beside one that is up hides no family of metrics. */
const findingsOf = (link: Link): readonly Finding<Code>[] => {
  const targets = targetsOf(link)
  const oneIsUp = targets.some(({ health }) => health === 'up')
  const waiting = targets.filter(({ health }) => health === 'unknown')
  const byCode = new Map<Code, Target[]>()
  for (const target of targets.filter(({ health }) => health === 'down')) {
    const { code } = errorOf(target, link.chain)
    if (code in repairs) byCode.set(code as Code, [...(byCode.get(code as Code) ?? []), target])
  }
  return [
    ...[...byCode.entries()].map(([code, down]) => ({
      ...downFinding(link, code, down),
      ...(oneIsUp ? { severity: 'warning' as const } : {}),
    })),
    ...(waiting.length > 0 && !oneIsUp && byCode.size === 0 ? [notYet(link, waiting)] : []),
  ]
}

const downFinding = (link: Link, code: Code, [target, ...others]: readonly Target[]): Finding<Code> => {
  const origin = monitorOfPool(target?.scrapePool ?? '')
  const monitor = link.monitors.find(({ metadata }) => metadata.name === origin?.name) ?? link.monitors[0]
  const { inMonitor, because, fix } = repairs[code] ?? repairs['scrape/down']
  const subject = inMonitor && monitor ? refOf(monitor) : refOf(link.prometheus)
  const index = origin?.index ?? 0
  const endpoint = monitor?.spec?.endpoints?.[index]
  const field = inMonitor
  return {
    code,
    subject,
    about: [...link.about, subject],
    message: `${nameOf(link)} scrapes ${target?.scrapeUrl ?? 'the operator'}, and it is down`,
    evidence: [
      {
        ref: refOf(link.prometheus),
        path: `target ${target?.scrapeUrl ?? ''}`,
        expected: 'up',
        actual: target?.lastError ?? 'down',
      },
      ...(field && monitor
        ? [
            {
              ref: refOf(monitor),
              path: `spec.endpoints[${index}].${field.field}`,
              expected: field.expected,
              actual: JSON.stringify(endpoint?.[field.field] ?? null),
            },
          ]
        : []),
      ...others.map(other => ({
        ref: refOf(link.prometheus),
        path: `target ${other.scrapeUrl}`,
        expected: 'up',
        actual: other.lastError,
      })),
    ],
    because,
    fixes: [fix(subject, index, link)],
  }
}

interface Repair {
  /** The endpoint's field that decides it, where it is one: then the ServiceMonitor is what to change. */
  readonly inMonitor?: { readonly field: 'scheme' | 'path' | 'tlsConfig'; readonly expected: string }
  readonly because: string
  readonly fix: (subject: ObjectRef, index: number, link: Link) => Fix
}

const verify = ['scrape-target-up', 'metrics-families-present']
const drifted =
  'Yes where the release renders the same: the object only drifted from it. Otherwise its next upgrade takes it back.'

const set =
  (id: string, title: string, field: string, value: unknown): Repair['fix'] =>
  (subject, index) => ({
    id,
    title,
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
    lasts: drifted,
    verify,
  })

const look =
  (title: string, text: string): Repair['fix'] =>
  (_subject, _index, { chain }) => ({
    id: 'look-at-operator',
    title,
    risk: 'manual',
    at: 'live',
    steps: [
      {
        do: 'tell',
        text,
        commands: [
          `kubectl -n ${chain.workload.metadata.namespace} get pods -o wide`,
          `kubectl -n ${chain.workload.metadata.namespace} logs deployment/${chain.workload.metadata.name} --all-containers --tail=50`,
        ],
      },
    ],
    lasts: 'Depends on the cause.',
    verify,
  })

const limit: Repair['fix'] = ({ namespace, name }) => ({
  id: 'raise-limit',
  title: 'Raise the limit where it is set',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: 'The limit stands in the ServiceMonitor, or as an enforced limit in the Prometheus object.',
      commands: [`kubectl -n ${namespace} get prometheus ${name} -o yaml | grep -iE 'limit'`],
    },
  ],
  lasts: 'Yes, when it is changed in the values that render the object.',
  verify,
})

/** How each error is repaired. What stands in the ServiceMonitor is changed there; the rest needs a look. */
const repairs: Readonly<Record<Exclude<Code, 'scrape/not-scraped-yet'>, Repair>> & Readonly<Record<string, Repair>> = {
  'scrape/tls': {
    inMonitor: {
      field: 'tlsConfig',
      expected: 'insecureSkipVerify: true, for the operator makes its own certificate at each start',
    },
    because: 'the operator’s certificate is self-made at its start, so nothing can verify it',
    fix: set('skip-verification', 'Do not verify the self-made certificate', 'tlsConfig', { insecureSkipVerify: true }),
  },
  'scrape/scheme-mismatch': {
    inMonitor: { field: 'scheme', expected: '"https", for the operator serves its metrics over TLS' },
    because: 'the operator serves its metrics over HTTPS in every version that has a ServiceMonitor',
    fix: set('use-https', 'Scrape over HTTPS', 'scheme', 'https'),
  },
  'scrape/not-found': {
    inMonitor: { field: 'path', expected: '"/metrics"' },
    because: 'the operator serves its metrics under /metrics and nothing under other paths',
    fix: set('correct-path', 'Scrape /metrics', 'path', '/metrics'),
  },
  'scrape/connection-refused': {
    because:
      'nothing listens on the port: the operator does not run, listens elsewhere, or only on its loopback address',
    fix: look(
      'See whether the operator listens',
      'A manager that has just started, or a bind address of 127.0.0.1, refuses connections.',
    ),
  },
  'scrape/timeout': {
    because:
      'packets are dropped on the way (a NetworkPolicy or a mesh does that), or the operator takes too long to answer',
    fix: look(
      'See what lies between',
      'A default-deny NetworkPolicy in the operator’s namespace is the usual cause: kubectl get networkpolicies there.',
    ),
  },
  'scrape/dns': {
    because: 'the target’s name cannot be resolved from the Prometheus pod',
    fix: look(
      'See the target’s name',
      'Targets discovered from endpoints are addresses; a name comes from a relabeling.',
    ),
  },
  'scrape/content-type': {
    because: 'Prometheus 3 no longer guesses the format of an answer without a proper content type',
    fix: look(
      'See what answers',
      'Set fallbackScrapeProtocol: PrometheusText0.0.4 in the endpoint if it really is the operator that answers so.',
    ),
  },
  'scrape/limit-exceeded': { because: 'a limit on samples, labels, body size or targets is in force', fix: limit },
  'scrape/down': {
    because: 'Prometheus says why in its own words',
    fix: look('See what the operator says', 'The error above is Prometheus’s own.'),
  },
}

const notYet = (link: Link, [target]: readonly Target[]): Finding<Code> => {
  const subject = refOf(link.prometheus)
  return {
    code: 'scrape/not-scraped-yet',
    subject,
    about: link.about,
    message: `${formatRef(subject)} knows the target and has not scraped it yet`,
    evidence: [{ ref: subject, path: `target ${target?.scrapeUrl ?? ''}`, expected: 'up', actual: 'unknown' }],
    because: 'the first scrape comes within one interval',
    fixes: [],
  }
}

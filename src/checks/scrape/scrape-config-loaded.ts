import { lastChange } from '../../kubernetes/last-change.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import { itemsIn, type Unavailable } from '../../model/read.ts'
import { configSecretOf } from '../../prometheus/config-secret.ts'
import { defineCheck } from '../define-check.ts'
import { beforeConfig, beforeTargets } from './caused-by.ts'
import {
  byPrometheus,
  hasActive,
  hasPool,
  type Link,
  linksOf,
  nameOf,
  noLink,
  unansweredBy,
  whyUnasked,
} from './links.ts'
import { refuses, reloadFailing } from './reload-failing.ts'

type Code = 'scrape/config-not-written' | 'scrape/reload-failing' | 'scrape/reload-pending'

export const scrapeConfigLoaded = defineCheck({
  id: 'scrape-config-loaded',
  title: 'Prometheus has loaded the scrape job',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: ['prometheusStates', 'server', 'namespaces', 'prometheusOperators', 'referencedObjects'],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/config-not-written': {
      title: 'The Prometheus has no scrape job for the ServiceMonitor',
      severity: 'error',
      causedBy: [...beforeConfig, 'scrape/reload-failing'],
    },
    'scrape/reload-failing': { title: 'Prometheus refuses its new configuration', severity: 'error' },
    'scrape/reload-pending': {
      title: 'Prometheus has not loaded the last change yet',
      severity: 'pending',
      // It is found only where there is no target.
      causedBy: [...beforeTargets, 'scrape/reload-failing'],
    },
  },
  run(facts) {
    const { prometheusStates, server, referencedObjects } = facts
    const referenced = itemsIn(referencedObjects)
    const links = linksOf(facts, itemsIn(prometheusStates))
    if (links.length === 0) return noLink(facts)
    const now = server.ok ? Date.parse(server.value.now) : undefined
    const judged = links.map(link => ({ link, verdict: judge(link, now) }))
    const unread = [prometheusStates, server].flatMap((read): readonly Unavailable[] =>
      read.ok ? [] : [read.unavailable],
    )
    const open = judged.filter(
      ({ link, verdict }) =>
        verdict !== 'loaded' && !judged.some(other => other.link.chain === link.chain && other.verdict === 'loaded'),
    )
    return {
      findings: [
        ...byPrometheus(links.filter(link => refuses(link, referenced))).flatMap(refused =>
          reloadFailing(refused, links, referenced),
        ),
        ...open.flatMap(({ link, verdict }) => {
          if (verdict === 'pending') return [reloadPending(link, now ?? 0)]
          return verdict === 'lacking' ? [notWritten(link, now ?? 0)] : []
        }),
      ],
      unknown: open
        .filter(({ verdict }) => verdict === 'unknown')
        .map(({ link }) => ({
          missing: [...unread, ...unansweredBy(link)],
          reason:
            (prometheusStates.ok ? whyUnasked(link) : undefined) ??
            `whether ${nameOf(link)} has loaded the scrape job of ${link.chain.id}`,
        })),
      notes: judged
        .filter(({ verdict }) => verdict === 'loaded')
        .map(({ link }) => `${nameOf(link)}: ${link.pools.join(', ')}`),
    }
  },
})

type Verdict = 'loaded' | 'lacking' | 'pending' | 'unknown'

/** All shards hold one configuration: one of them that has the job is enough, and no job was written where none is asked for. */
const judge = (link: Link, now: number | undefined): Verdict => {
  if (hasActive(link)) return 'loaded'
  if (now !== undefined && isYoung(link, now) && outdatedSince(link) !== undefined) return 'pending'
  if (hasPool(link)) return 'loaded'
  const asked = link.shards.length > 0 && (link.pools.length === 0 || link.shards.every(({ pools }) => pools?.ok))
  return asked && now !== undefined ? 'lacking' : 'unknown'
}

/** Secrets reach a pod within two minutes, older config-reloaders look every three: after five nothing is on its way any more. */
const patience = 5 * 60_000

/** The last change of what makes the job, in milliseconds since 1970. */
const changeOf = ({ monitors, prometheus }: Link): number => Math.max(...[...monitors, prometheus].map(lastChange))

const isYoung = (link: Link, now: number): boolean => now - changeOf(link) < patience

/** When a shard loaded the configuration that it still runs with, though it is older than the last change: its job may be of the past. */
const outdatedSince = (link: Link): string | undefined =>
  link.shards
    .flatMap(({ runtime }) => (runtime.ok && runtime.value.reloadConfigSuccess ? [runtime.value.lastConfigTime] : []))
    .find(lastConfigTime => Date.parse(lastConfigTime) < changeOf(link))

const verify = ['scrape-config-loaded', 'scrape-target-up']

const jobEvidence = (link: Link): Evidence => ({
  ref: refOf(link.prometheus),
  path: '/api/v1/scrape_pools',
  expected: link.pools.join(', ') || 'a job for the ServiceMonitor',
  actual: 'no such job',
})

const reloadPending = (link: Link, now: number): Finding<Code> => {
  const subject = refOf(link.prometheus)
  return {
    code: 'scrape/reload-pending',
    subject,
    about: link.about,
    message: `${formatRef(subject)} has not loaded the last change yet: it is ${ageOf(link, now)} old`,
    evidence: [
      {
        ref: subject,
        path: '/api/v1/status/runtimeinfo lastConfigTime',
        expected: `after the change at ${new Date(changeOf(link)).toISOString()}`,
        actual: outdatedSince(link) ?? 'unknown',
      },
    ],
    because: 'a change reaches Prometheus through a Secret and a reload, which takes up to a few minutes',
    fixes: [],
  }
}

const ageOf = (link: Link, now: number): string => `${Math.round((now - changeOf(link)) / 1000)} s`

/** Of a young change nothing is proved by a reload that came after it: what was loaded then may have been written before. */
const notWritten = (link: Link, now: number): Finding<Code> => {
  const subject = refOf(link.prometheus)
  const young = isYoung(link, now)
  const { name: secret } = configSecretOf(subject)
  const operators = link.about.filter(
    ({ kind, name }) => kind === 'Deployment' && name !== link.chain.workload.metadata.name,
  )
  return {
    code: 'scrape/config-not-written',
    subject,
    about: link.about,
    ...(young ? { severity: 'pending' as const } : {}),
    message: `${formatRef(subject)} has no scrape job for ${link.monitors.map(monitor => formatRef(refOf(monitor))).join(', ')}`,
    evidence: [jobEvidence(link)],
    because: young
      ? `the last change is only ${ageOf(link, now)} old, and what Prometheus loaded since may have been written before it`
      : 'prometheus-operator wrote no job for it, or Prometheus has not loaded what it wrote',
    fixes: [
      {
        id: 'read-operator-log',
        title: 'Read what prometheus-operator says of the ServiceMonitor',
        risk: 'manual',
        at: 'live',
        steps: [
          {
            do: 'tell',
            text: 'Its log says which objects it skipped; the Secret’s time says when it last wrote the configuration.',
            commands: [
              ...operators.map(
                ({ namespace, name }) =>
                  `kubectl -n ${namespace} logs deployment/${name} --tail=200 | grep -iE 'skipping|error'`,
              ),
              `kubectl -n ${subject.namespace} get secret ${secret} -o jsonpath='{.metadata.managedFields[*].time}'`,
              `kubectl -n ${subject.namespace} get ${subject.kind.toLowerCase()} ${subject.name} -o jsonpath='{.status.conditions}'`,
            ],
          },
        ],
        lasts: 'Depends on the cause.',
        verify,
      },
    ],
  }
}

import { lastChange } from '../../kubernetes/last-change.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { beforeConfig } from './caused-by.ts'
import { hasActive, type Link, linksOf, nameOf, unansweredBy } from './links.ts'

type Code = 'scrape/config-not-written' | 'scrape/reload-failing' | 'scrape/reload-pending'

export const scrapeConfigLoaded = defineCheck({
  id: 'scrape-config-loaded',
  title: 'Prometheus has loaded the scrape job',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses', 'prometheusStates', 'server'],
  wants: ['namespaces', 'prometheusOperators'],
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
      causedBy: [...beforeConfig, 'scrape/reload-failing'],
    },
  },
  run({ chains, serviceMonitors, prometheuses, prometheusStates, server, namespaces, prometheusOperators }) {
    const states = { ok: true as const, value: prometheusStates }
    const concerned = concernedPrometheuses({
      prometheuses,
      chains: { ok: true, value: chains },
      serviceMonitors: { ok: true, value: serviceMonitors },
      namespaces,
    })
    const links = linksOf(concerned, { chains, serviceMonitors, prometheusStates: states, prometheusOperators })
    if (links.length === 0) return { notApplicable: 'there is no ServiceMonitor that a Prometheus could have loaded' }
    const lacking = links.filter(link => !hasActive(link) && (!hasPool(link) || isPending(link, server.now)))
    const unanswered = lacking.filter(link => link.shards.length === 0 || unansweredBy(link).length > 0)
    const elsewhere = (link: Link) =>
      links.some(
        other => other.chain === link.chain && (hasActive(other) || (hasPool(other) && !isPending(other, server.now))),
      )
    return {
      findings: [
        ...links.filter(isReloadFailing).map(reloadFailing),
        ...lacking
          .filter(link => !unanswered.includes(link) && !elsewhere(link))
          .map(link => notLoaded(link, server.now)),
      ],
      unknown: unanswered
        .filter(link => !elsewhere(link))
        .map(link => ({
          missing: unansweredBy(link),
          reason:
            link.shards.length === 0
              ? `${nameOf(link)} has no ready pod that could be asked`
              : `whether ${nameOf(link)} has loaded the scrape job of ${link.chain.id}`,
        })),
      notes: links.filter(link => !lacking.includes(link)).map(link => `${nameOf(link)}: ${link.pools.join(', ')}`),
    }
  },
})

const hasPool = ({ shards, pools }: Link): boolean =>
  shards.some(({ pools: loaded }) => loaded?.ok && loaded.value.some(pool => pools.includes(pool)))

const isReloadFailing = ({ shards }: Link): boolean =>
  shards.some(({ runtime }) => runtime.ok && !runtime.value.reloadConfigSuccess)

const reloadFailing = (link: Link): Finding<Code> => {
  const subject = refOf(link.prometheus)
  const failing = link.shards.find(({ runtime }) => runtime.ok && !runtime.value.reloadConfigSuccess)
  return {
    code: 'scrape/reload-failing',
    subject,
    about: link.about,
    // With the target in the old configuration nothing is missing yet; what changes from now on will be.
    severity: hasActive(link) ? 'warning' : 'error',
    message: `${formatRef(subject)} refuses its new configuration and runs with the old one`,
    evidence: [
      {
        ref: {
          apiVersion: 'v1',
          kind: 'Pod',
          ...(subject.namespace ? { namespace: subject.namespace } : {}),
          name: failing?.pod ?? subject.name,
        },
        path: '/api/v1/status/runtimeinfo reloadConfigSuccess',
        expected: 'true',
        actual: `false; the configuration in force is of ${failing?.runtime.ok ? failing.runtime.value.lastConfigTime : 'an unknown time'}`,
      },
    ],
    because: 'one bad job, of this or any other team, makes Prometheus refuse the whole file',
    fixes: [
      {
        id: 'find-bad-job',
        title: 'Find the job that Prometheus names in its log, and correct it where it comes from',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: 'The log names the line or the job. Duplicate job names in additionalScrapeConfigs, and a token file together with another authorization, are what it usually is.',
            commands: [
              `kubectl -n ${subject.namespace} logs ${failing?.pod ?? `prometheus-${subject.name}-0`} -c prometheus --tail=200 | grep -i 'error loading config'`,
            ],
          },
        ],
        lasts: 'Yes. After the correction the config-reloader may need two minutes to try again.',
        verify: ['scrape-config-loaded', 'scrape-target-up'],
      },
    ],
  }
}

/** Secrets reach a pod within two minutes, older config-reloaders look every three: after five nothing is on its way any more. */
const patience = 5 * 60_000

/** Young objects whose last change Prometheus has not loaded yet: what it says now is of the past. */
const isPending = ({ monitors, prometheus, shards }: Link, now: string): boolean => {
  const changed = Math.max(...[...monitors, prometheus].map(lastChange))
  return (
    Date.parse(now) - changed < patience &&
    shards.some(
      ({ runtime }) =>
        runtime.ok && runtime.value.reloadConfigSuccess && Date.parse(runtime.value.lastConfigTime) < changed,
    )
  )
}

const notLoaded = (link: Link, now: string): Finding<Code> => {
  const subject = refOf(link.prometheus)
  const changed = Math.max(...[...link.monitors, link.prometheus].map(lastChange))
  const evidence = {
    ref: subject,
    path: '/api/v1/scrape_pools',
    expected: link.pools.join(', ') || 'a job for the ServiceMonitor',
    actual: 'no such job',
  }
  const base = { subject, about: link.about, evidence: [evidence] as const }
  return isPending(link, now)
    ? {
        ...base,
        code: 'scrape/reload-pending',
        message: `${formatRef(subject)} has not loaded the last change yet: it is ${Math.round((Date.parse(now) - changed) / 1000)} s old`,
        because: 'a change reaches Prometheus through a Secret and a reload, which takes up to a few minutes',
        fixes: [],
      }
    : {
        ...base,
        code: 'scrape/config-not-written',
        message: `${formatRef(subject)} has no scrape job for ${link.monitors.map(monitor => formatRef(refOf(monitor))).join(', ')}`,
        because: 'prometheus-operator wrote no job for it, or Prometheus has not loaded what it wrote',
        fixes: [
          {
            id: 'read-operator-log',
            title: 'Read what prometheus-operator says of the ServiceMonitor',
            risk: 'manual',
            at: 'live',
            steps: [
              {
                do: 'tell',
                text: 'Its log says which objects it skipped; the Secret holds the configuration that it wrote.',
                commands: [
                  `kubectl -n ${subject.namespace} get secret prometheus-${subject.name} -o jsonpath='{.metadata.managedFields[0].time}'`,
                  `kubectl -n ${subject.namespace} logs -l app.kubernetes.io/name=kube-prometheus-stack-prometheus-operator --tail=100`,
                ],
              },
            ],
            lasts: 'Depends on the cause.',
            verify: ['scrape-config-loaded'],
          },
        ],
      }
}

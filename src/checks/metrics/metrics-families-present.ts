import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { SeriesFamily } from '../../model/prometheus.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { defineCheck } from '../define-check.ts'
import { beforeSeries } from '../scrape/caused-by.ts'
import { upstreamOf } from '../scrape/links.ts'

export const metricsFamiliesPresent = defineCheck({
  id: 'metrics-families-present',
  title: 'The operator’s metrics are in Prometheus',
  area: 'metrics',
  needs: ['chains', 'series'],
  wants: ['serviceMonitors', 'prometheuses', 'prometheusOperators'],
  codes: {
    'metrics/absent': {
      title: 'The operator’s metrics are not in Prometheus',
      severity: 'error',
      causedBy: beforeSeries,
    },
    'metrics/idle': { title: 'Some metrics appear only with activity, and there was none yet', severity: 'info' },
  },
  run({ chains, series, serviceMonitors, prometheuses, prometheusOperators }) {
    const withService = chains.items.filter(({ service }) => service !== undefined)
    if (withService.length === 0) return { notApplicable: 'there is no metrics Service' }
    const objects = prometheuses.ok ? prometheuses.value.items : []
    if (
      prometheuses.ok &&
      !objects.some(({ kind }) => kind === 'Prometheus') &&
      prometheuses.value.unread.length === 0 &&
      series.items.length === 0
    )
      return {
        notApplicable:
          objects.length > 0
            ? 'a PrometheusAgent holds no series: name the store with --prometheus-url'
            : 'there is no Prometheus',
      }
    const judged = withService.map(chain => ({
      chain,
      answered: series.items.filter(one => one.chain === chain.id),
      about: upstreamOf(
        chain,
        serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items) : [],
        objects,
        prometheusOperators,
      ),
    }))
    const families = (answered: (typeof judged)[number]['answered']) => answered.flatMap(one => one.families)
    return {
      findings: judged
        .filter(({ answered }) => answered.length > 0)
        .flatMap(({ chain, answered, about }): readonly Finding<'metrics/absent' | 'metrics/idle'>[] =>
          isPresent(chain, families(answered))
            ? idle(chain, families(answered))
            : [
                absent(
                  chain,
                  answered.map(({ prometheus }) => prometheus),
                  about,
                ),
              ],
        ),
      unknown: judged
        .filter(({ answered }) => answered.length === 0)
        .map(({ chain }) => ({
          missing: series.unread,
          reason: `no Prometheus could be asked for the metrics of ${chain.id}`,
        })),
      notes: judged.map(({ chain, answered }) => `${chain.id}: ${families(answered).length} families`),
    }
  },
})

const isPresent = ({ contract }: Chain, families: readonly SeriesFamily[]): boolean =>
  families.some(({ name }) => contract.always.includes(name))

const absent = (chain: Chain, asked: readonly ObjectRef[], about: readonly ObjectRef[]): Finding<'metrics/absent'> => {
  const subject = refOf(chain.workload)
  return {
    code: 'metrics/absent',
    subject,
    about,
    message: `${formatRef(subject)} has no metrics in ${asked.map(formatRef).join(', ')}`,
    evidence: [
      {
        ref: asked[0] ?? subject,
        path: `${chain.contract.always.join(', ')} of Service ${chain.service?.metadata.name}`,
        expected: 'series, even of an idle operator',
        actual: 'none',
      },
    ],
    because:
      'the target is scraped, and what answers there does not serve the operator’s families, or a metricRelabeling drops them',
    fixes: [
      {
        id: 'see-what-is-served',
        title: 'See what the operator serves',
        risk: 'manual',
        at: 'live',
        steps: [
          {
            do: 'tell',
            text: 'Compare what the endpoint serves with what arrives.',
            commands: [
              `kubectl -n ${subject.namespace} port-forward deployment/${subject.name} 8080:8080`,
              `curl -sk -H "Authorization: Bearer $(kubectl -n ${asked[0]?.namespace ?? subject.namespace} create token <the Prometheus ServiceAccount>)" https://localhost:8080/metrics | grep ^controller_runtime`,
            ],
          },
        ],
        lasts: 'Depends on the cause.',
        verify: ['metrics-families-present'],
      },
    ],
  }
}

const idle = (chain: Chain, families: readonly SeriesFamily[]): readonly Finding<'metrics/idle'>[] => {
  const missing = chain.contract.onActivity.filter(({ names }) => !families.some(({ name }) => names.includes(name)))
  const subject = refOf(chain.workload)
  const [first, ...rest] = missing.map(({ names, appears }) => ({
    ref: subject,
    path: names.join(' or '),
    expected: `appears ${appears}`,
    actual: 'not there yet',
  }))
  return first
    ? [
        {
          code: 'metrics/idle',
          subject,
          about: [],
          message: `${missing.length} metric families of ${formatRef(subject)} are not there yet: they appear with the first activity`,
          evidence: [first, ...rest],
          because: 'the operator creates a family with its first observation, so an idle one serves fewer of them',
          fixes: [],
        },
      ]
    : []
}

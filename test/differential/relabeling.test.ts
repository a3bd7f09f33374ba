import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prometheus, RelabelConfig } from '../../src/model/kubernetes.ts'
import { type Labels, relabel } from '../../src/prometheus/relabeling.ts'
import { relabelingProblem, unloadableRelabeling } from '../../src/prometheus/relabeling-problem.ts'
import { waitFor } from '../lab/api.ts'
import { expectAgreement } from './agreement.ts'
import { arbitraryLabels, arbitraryRelabeling } from './arbitrary-relabelings.ts'
import { asConfigured, type RunningPrometheus, refusals, startPrometheus } from './prometheus-process.ts'
import { seed } from './seed.ts'

interface Chain {
  readonly rules: readonly RelabelConfig[]
  readonly target: Labels
  readonly samples: readonly Labels[]
}

const chain: fc.Arbitrary<Chain> = fc.record({
  rules: fc.array(arbitraryRelabeling, { minLength: 1, maxLength: 4 }),
  target: arbitraryLabels,
  samples: fc.array(arbitraryLabels, { minLength: 2, maxLength: 2 }),
})

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'differential-relabeling-'))
const prometheus3: Prometheus = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { name: 'any' },
  spec: { version: 'v3.16.0' },
}

/** What Prometheus takes a rule for, and what this project takes it for. */
const single = fc.sample(arbitraryRelabeling, { numRuns: 900, seed })
const problemOf = (rule: RelabelConfig) => relabelingProblem(rule, prometheus3) ?? unloadableRelabeling(rule)
const isAccepted = (rule: RelabelConfig): boolean => problemOf(rule) === undefined
const chains = fc
  .sample(chain, { numRuns: 1000, seed })
  .map(({ rules, ...rest }) => ({ ...rest, rules: rules.filter(isAccepted) }))
  .filter(({ rules }) => rules.length > 0)
  .slice(0, 800)

describe(`relabeling against the real Prometheus (seed ${seed})`, () => {
  let running: RunningPrometheus
  const server = http.createServer((request, response) => {
    const at = Number(/\d+/.exec(request.url ?? '')?.[0])
    response.setHeader('content-type', 'text/plain; version=1.0.0; escaping=allow-utf-8')
    response.end(chains[at]?.samples.map((sample, index) => exposed(sample, at * 2 + index)).join(''))
  })

  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    running = await startPrometheus(folder, {
      global: { scrape_interval: '10s', scrape_timeout: '5s' },
      scrape_configs: chains.flatMap(({ rules, target }, index) => [
        {
          job_name: `target-${index}`,
          // Prometheus would scrape what is kept: nothing listens there, and nothing needs to.
          static_configs: [{ targets: ['127.0.0.1:9'], labels: target }],
          scrape_interval: '1h',
          relabel_configs: rules.map(asConfigured),
        },
        {
          job_name: `sample-${index}`,
          metrics_path: `/${index}`,
          static_configs: [{ targets: [address] }],
          metric_relabel_configs: rules.map(asConfigured),
        },
      ]),
    })
    await waitFor(
      async () => {
        const { scrapePools } = await running.ask<{ readonly scrapePools: readonly string[] }>('/api/v1/scrape_pools')
        return scrapePools.length === chains.length * 2
      },
      { what: 'all scrape pools' },
    )
  })

  afterAll(async () => {
    await running?.stop()
    server.close()
    fs.rmSync(folder, { recursive: true, force: true })
  })

  it('at least 500 chains', () => {
    expect(chains.length).toBeGreaterThanOrEqual(500)
  })

  it('the same rules are valid', async () => {
    const said = await refusals(
      folder,
      single.map(rule => ({ scrape_configs: [{ job_name: 'x', relabel_configs: [asConfigured(rule)] }] })),
    )
    const disagreements = single.flatMap((rule, index) =>
      (said[index] === undefined) === isAccepted(rule)
        ? []
        : [{ rule, theirs: said[index] ?? 'loads', ours: problemOf(rule) ?? 'accepted' }],
    )
    expectAgreement(disagreements)
    expect(said.filter(reason => reason !== undefined).length).toBeGreaterThan(100)
  })

  it('each chain makes of the same labels the same labels, rule by rule', async () => {
    const disagreements = await Promise.all(
      chains.map(async ({ rules, target }, index) => {
        const search = new URLSearchParams({ scrapePool: `target-${index}`, labels: JSON.stringify(target) })
        const { steps } = await running.ask<{
          readonly steps: readonly { readonly keep: boolean; readonly output: Labels }[]
        }>(`/api/v1/targets/relabel_steps?${search}`)
        const theirs = steps.map(({ keep, output }) => (keep ? output : 'dropped'))
        const ours = rules.map((_, at) => outcome(target, rules.slice(0, at + 1)))
        return same(theirs, ours) ? [] : [{ target, rules, theirs, ours }]
      }),
    )
    expectAgreement(disagreements.flat())
  })

  it('the same targets are kept, with the same labels', async () => {
    const answer = await running.ask<Targets>('/api/v1/targets?state=any')
    const pooled = (targets: readonly AnyTarget[]) => new Map(targets.map(target => [target.scrapePool, target]))
    const [active, dropped] = [pooled(answer.activeTargets), pooled(answer.droppedTargets)]
    const disagreements = chains.flatMap(({ rules }, index) => {
      const found = active.get(`target-${index}`) ?? dropped.get(`target-${index}`)
      // A target whose address or interval the rules spoiled is neither kept nor dropped. Which of several labels
      // labelmap takes for one name is chance here: the labels of discovery have no order.
      if (!found || rules.some(({ action }) => action?.toLowerCase() === 'labelmap')) return []
      const ours = relabel(found.discoveredLabels, rules)
      const theirs = found.labels ?? 'dropped'
      const expected = ours.kept ? targetLabels(ours.labels) : 'dropped'
      return same(theirs, expected) ? [] : [{ rules, discovered: found.discoveredLabels, theirs, ours: expected }]
    })
    expectAgreement(disagreements)
    expect(active.size).toBeGreaterThan(chains.length * 1.2)
    expect(dropped.size).toBeGreaterThan(100)
  })

  it('the same series come of the same samples', async () => {
    await waitFor(
      async () => {
        const { activeTargets } = await running.ask<Targets>('/api/v1/targets?state=active')
        const scraped = activeTargets.filter(({ scrapePool }) => scrapePool.startsWith('sample-'))
        return scraped.length === chains.length && scraped.every(isAnswered)
      },
      { what: 'every job to be scraped', seconds: 100, everyMilliseconds: 1000 },
    )
    const { result } = await running.ask<{ readonly result: readonly { readonly metric: Labels }[] }>(
      `/api/v1/query?query=${encodeURIComponent('{__name__=~"(?s).+"}')}`,
    )
    const theirs = new Set(
      result
        .map(({ metric }) => metric)
        .filter(({ __name__: name = '' }) => !/^(up|scrape_.*)$/.test(name))
        .map(stable),
    )
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const ours = new Set(
      chains.flatMap(({ rules, samples }, index) => {
        // Prometheus sets the target's labels on the sample, and then goes on with the rules.
        const target: readonly RelabelConfig[] = [
          { targetLabel: 'instance', replacement: address },
          { targetLabel: 'job', replacement: `sample-${index}` },
        ]
        const made = samples
          .map((sample, at) => relabel({ ...sample, ...identity(index * 2 + at) }, [...target, ...rules]))
          .flatMap(one => (one.kept ? [one.labels] : []))
        // One sample that lost its name, or has a label without one, fails the scrape, and with it the others.
        return made.every(labels => labels.__name__ && !('' in labels)) ? made.map(stable) : []
      }),
    )
    const differing = new Set([...theirs, ...ours].filter(series => theirs.has(series) !== ours.has(series)))
    expectAgreement([...differing].map(series => ({ series, theirs: theirs.has(series), ours: ours.has(series) })))
    expect(ours.size).toBeGreaterThan(chains.length / 2)
  })
})

/** On a busy machine a scrape may not end in time, and what it would have brought is missing. */
const isAnswered = ({ lastScrape, lastError }: AnyTarget): boolean =>
  Date.parse(lastScrape ?? '') > 0 && !/deadline exceeded/.test(lastError ?? '')

interface AnyTarget {
  readonly scrapePool: string
  readonly discoveredLabels: Labels
  readonly labels?: Labels
  readonly lastScrape?: string
  readonly lastError?: string
}

interface Targets {
  readonly activeTargets: readonly AnyTarget[]
  readonly droppedTargets: readonly AnyTarget[]
}

const outcome = (labels: Labels, rules: readonly RelabelConfig[]): Labels | 'dropped' => {
  const result = relabel(labels, rules)
  return result.kept ? result.labels : 'dropped'
}

/** Labels with two underscores are for Prometheus itself, and the address is everybody's instance. */
const targetLabels = (labels: Labels): Labels =>
  Object.fromEntries(
    Object.entries({ ...labels, instance: labels.instance ?? labels.__address__ ?? '' }).filter(
      ([name]) => !name.startsWith('__'),
    ),
  )

const identity = (index: number): Labels => ({ __name__: 'metric', id: String(index) })

/** One line of the exposition format, as UTF-8 has it: names in quotes. */
const exposed = (labels: Labels, index: number): string => {
  const inner = Object.entries({ ...labels, ...identity(index) })
    .filter(([name]) => name !== '__name__')
    .map(([name, value]) => `${JSON.stringify(name)}="${escaped(value)}"`)
  return `{"metric",${inner.join(',')}} ${index}\n`
}

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const stable = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

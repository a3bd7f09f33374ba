import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pod } from '../../src/model/kubernetes.ts'
import { prometheusAddress, shardOf } from '../../src/prometheus/address.ts'
import {
  parseAllTargets,
  parseRuntimeInfo,
  parseScrapePools,
  parseTargets,
  parseVector,
} from '../../src/prometheus/api.ts'
import { parseDuration } from '../../src/prometheus/duration.ts'
import { prometheus, readyPod } from '../engine/world.ts'

const answer = (data: unknown) => ({ status: 'success', data })
const invalid = { invalid: expect.any(String) as string }

describe('answers of Prometheus', () => {
  it('are targets', () => {
    const target = {
      scrapePool: 'p',
      scrapeUrl: 'u',
      health: 'up',
      lastError: '',
      lastScrape: 't',
      labels: { a: 'b' },
      discoveredLabels: { c: 'd' },
    }
    expect(parseTargets(answer({ activeTargets: [target], droppedTargets: [] }))).toEqual([target])
    expect(parseTargets(answer({ activeTargets: [{ health: 'sideways' }] }))).toMatchObject([
      { health: 'unknown', labels: {} },
    ])
    expect(parseTargets(answer({ activeTargets: null }))).toEqual([])
  })

  it('are dropped targets, which before 3.3 do not name their pool', () => {
    expect(
      parseAllTargets(answer({ activeTargets: [], droppedTargets: [{ discoveredLabels: { job: 'p' } }] })),
    ).toEqual({ active: [], dropped: [{ scrapePool: '', discoveredLabels: { job: 'p' } }] })
    expect(
      parseAllTargets(answer({ activeTargets: [{ scrapePool: 'p' }], droppedTargets: [{ scrapePool: 'q' }] })),
    ).toMatchObject({
      active: [{ scrapePool: 'p', health: 'unknown' }],
      dropped: [{ scrapePool: 'q', discoveredLabels: {} }],
    })
    expect(parseAllTargets(answer({ activeTargets: null, droppedTargets: null }))).toEqual({ active: [], dropped: [] })
    expect(parseAllTargets(answer({ droppedTargets: [] }))).toEqual(invalid)
  })

  it('are runtime information', () => {
    expect(parseRuntimeInfo(answer({ reloadConfigSuccess: false, lastConfigTime: 't', goVersion: 'x' }))).toEqual({
      reloadConfigSuccess: false,
      lastConfigTime: 't',
    })
  })

  it('are scrape pools', () => {
    expect(parseScrapePools(answer({ scrapePools: ['a', 'b'] }))).toEqual(['a', 'b'])
    expect(parseScrapePools(answer({ scrapePools: null }))).toEqual([])
  })

  it('are a vector', () => {
    expect(parseVector(answer({ resultType: 'vector', result: [{ metric: { a: 'b' }, value: [1, '3'] }] }))).toEqual([
      { labels: { a: 'b' }, value: 3 },
    ])
    expect(parseVector(answer({ resultType: 'matrix', result: [] }))).toEqual(invalid)
  })

  it.each([
    ['nothing', undefined],
    ['a page', '<html>'],
    ['an error', { status: 'error', error: 'no' }],
    ['no data', { status: 'success' }],
    ['other data', answer({ hello: 'world' })],
    ['a list', [1, 2]],
  ])('are not %s', (_, body) => {
    for (const parse of [parseTargets, parseAllTargets, parseRuntimeInfo, parseScrapePools, parseVector])
      expect(parse(body)).toEqual(invalid)
  })

  it.each([
    ['down', 'down'],
    ['unknown', 'unknown'],
    ['constructor', 'unknown'],
  ])('call a target %s %s', (said, health) => {
    expect(parseTargets(answer({ activeTargets: [{ health: said, lastError: 'no' }] }))).toMatchObject([
      { health, lastError: 'no' },
    ])
  })

  it.each([
    ['3', 3],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    [3, Number.NaN],
  ])('have the value %s', (text, value) => {
    expect(parseVector(answer({ resultType: 'vector', result: [{ metric: {}, value: [1, text] }] }))).toEqual([
      { labels: {}, value },
    ])
  })

  it('leave out of labels and names what is no text', () => {
    const odd = { toString: 1 }
    const dropped = [{ discoveredLabels: { a: 'b', c: odd, d: 1 } }]
    expect(parseAllTargets(answer({ activeTargets: [], droppedTargets: dropped }))).toEqual({
      active: [],
      dropped: [{ scrapePool: '', discoveredLabels: { a: 'b' } }],
    })
    expect(parseScrapePools(answer({ scrapePools: ['a', odd, 1] }))).toEqual(['a'])
    expect(parseVector(answer({ resultType: 'vector', result: [{ value: [1, odd] }] }))).toEqual([
      { labels: {}, value: Number.NaN },
    ])
  })

  it('never make a parser throw', () => {
    fc.assert(
      fc.property(fc.anything(), body => {
        for (const parse of [parseTargets, parseAllTargets, parseRuntimeInfo, parseScrapePools, parseVector])
          parse(answer(body))
      }),
    )
  })

  it('never make a parser throw by what stands inside', () => {
    const fields = [
      'labels',
      'discoveredLabels',
      'health',
      'metric',
      'value',
      'scrapePool',
      'toString',
      'valueOf',
      '__proto__',
    ]
    const inside = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue())
    const lists = ['activeTargets', 'droppedTargets', 'scrapePools', 'result']
    fc.assert(
      fc.property(fc.array(fc.oneof(inside, fc.jsonValue())), items => {
        const body = answer({ resultType: 'vector', ...Object.fromEntries(lists.map(name => [name, items])) })
        for (const parse of [parseTargets, parseVector]) expect(parse(body)).toHaveLength(items.length)
        expect(parseAllTargets(body)).toMatchObject({
          active: { length: items.length },
          dropped: { length: items.length },
        })
        parseScrapePools(body)
      }),
    )
  })
})

describe('parseDuration', () => {
  it.each([
    ['15s', 15_000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['1d12h', 129_600_000],
    ['1w', 604_800_000],
    ['1y', 31_536_000_000],
    ['500ms', 500],
    ['1m500ms', 60_500],
    ['0', 0],
    ['0s', 0],
  ])('%s is %d ms', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

  it.each(['', '15', '1.5m', '30s1m', '-1s', '1 m', '1M', 'soon'])('%j is none', text => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('prometheusAddress', () => {
  const pod: Pod = {
    ...readyPod('prometheus-kps-0', 'observability', { 'operator.prometheus.io/shard': '2' }),
    spec: {
      containers: [
        { name: 'config-reloader', ports: [{ name: 'reloader-web', containerPort: 8080 }] },
        { name: 'prometheus', ports: [{ name: 'http-web', containerPort: 9091 }] },
      ],
    },
  }

  it.each([
    ['on the port of another name', { portName: 'metrics' }, { port: 9090 }],
    ['by default', {}, { port: 9090, scheme: 'http', prefix: '', listenLocal: false }],
    ['on a named port', { portName: 'http-web' }, { port: 9091 }],
    ['below a prefix', { routePrefix: '/prom/' }, { prefix: '/prom' }],
    ['at the root', { routePrefix: '/' }, { prefix: '' }],
    ['over TLS', { web: { tlsConfig: {} } }, { scheme: 'https' }],
    ['on its loopback', { listenLocal: true }, { listenLocal: true }],
  ])('%s', (_, spec, address) => {
    expect(prometheusAddress({ ...prometheus, spec }, pod)).toMatchObject({
      namespace: 'observability',
      name: 'prometheus-kps-0',
      ...address,
    })
  })

  it('takes the operator’s own name of the port where none is given', () => {
    const own: Pod = {
      ...pod,
      spec: { containers: [{ name: 'prometheus', ports: [{ name: 'web', containerPort: 9095 }] }] },
    }
    expect(prometheusAddress({ ...prometheus, spec: {} }, own).port).toBe(9095)
  })

  it('knows the shard of a pod', () => {
    expect(shardOf(pod)).toBe(2)
    expect(shardOf(readyPod('x', 'y', {}))).toBe(0)
  })
})

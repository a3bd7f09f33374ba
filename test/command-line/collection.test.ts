import { describe, expect, it } from 'vitest'
import { type Collection, keptElsewhere, meaningOf, statusOf, theOneOf } from '../../src/command-line/collection.ts'
import type { Chain, Era } from '../../src/model/chain.ts'
import { chain, refusal, release, serviceMonitor } from '../checks/stack/healthy-chain.ts'
import { application } from '../helm/argo-applications.ts'

const path = 'dynamo-operator.metricsService.enabled'
const collection = (parts: Partial<Collection> = {}): Collection => ({
  chain: chain(),
  path,
  release: release(),
  setting: { value: null, from: 'chart' },
  known: { by: 'release', on: true, release: release(), path, setting: { value: null, from: 'chart' } },
  whyNot: 'its values are kept by the Argo CD application serving',
  monitors: [serviceMonitor],
  unread: [],
  ...parts,
})
const withoutService = chain({ service: undefined })

describe('collection status', () => {
  it.each<[string, readonly Collection[], number]>([
    ['all there', [collection()], 0],
    ['no Service', [collection({ chain: withoutService, monitors: [] })], 1],
    ['no ServiceMonitor', [collection({ monitors: [] })], 1],
    ['one of two', [collection(), collection({ monitors: [] })], 1],
    ['ServiceMonitors that may not be read', [collection({ monitors: [], unread: [refusal('servicemonitors')] })], 3],
    [
      'a release that may not be read, and all there',
      [collection({ release: undefined, unread: [refusal('secrets')] })],
      0,
    ],
    ['no operator', [], 1],
  ])('%s', (_, collections, exitCode) => expect(statusOf(collections, []).exitCode).toBe(exitCode))

  it('is not known where operators may not be looked for', () =>
    expect(statusOf([], [refusal('deployments')])).toMatchObject({
      exitCode: 3,
      notes: [expect.stringContaining('deployments')],
    }))

  it('does not claim that there is none where none could be read', () => {
    const { lines } = statusOf([collection({ monitors: [], unread: [refusal('servicemonitors')] })], [])
    expect(lines.at(-1)).toBe('  ServiceMonitor  not known')
  })

  it.each<[string, Partial<Collection>, RegExp]>([
    ['a value', {}, /^ {2}switch +dynamo-operator\.metricsService\.enabled not set: automatic/],
    ['nothing', { known: undefined }, /enabled: not known, its values are kept by the Argo CD application serving$/],
    [
      'what is applied',
      { known: { by: 'applied', on: false, object: application() } },
      /enabled off, by what Application cd\/serving applies: its values in Git are not read$/,
    ],
  ])('shows the switch by %s', (_, parts, words) =>
    expect(statusOf([collection(parts)], []).lines.find(line => line.includes('switch'))).toMatch(words),
  )

  it.each<[Era, Collection['setting'], string]>([
    ['1.0', undefined, 'not set: automatic'],
    ['1.0', { value: null, from: 'chart' }, 'not set: automatic'],
    ['1.6', { value: null, from: 'user' }, 'null: automatic'],
    ['0.9', { value: true, from: 'chart' }, 'true, the chart’s default: the chart makes Service'],
    ['0.9', { value: null, from: 'user' }, 'null: the chart makes neither'],
    ['1.5', { value: true, from: 'user' }, 'true: the chart makes Service'],
    ['1.5', { value: false, from: 'user' }, 'false: the chart makes neither'],
    ['1.5', { value: 'false', from: 'user' }, '"false": no boolean'],
  ])('in %s, %j is %s', (era, setting, words) =>
    expect(meaningOf({ chain: { ...chain(), era }, setting })).toMatch(new RegExp(`^${words}`)),
  )
})

describe('the operator to switch', () => {
  it('is the only one', () => {
    const one = collection()
    expect([theOneOf([one]), theOneOf([])]).toEqual([one, undefined])
  })

  it('has to be named among several, and has to have a switch', () => {
    expect(() => theOneOf([collection(), collection()])).toThrow('which one')
    expect(() => theOneOf([collection({ path: undefined })])).toThrow('nothing to switch')
  })

  it.each<[Chain['install'], RegExp | undefined]>([
    [{ by: 'helm', release: { namespace: 'inference', name: 'dyn' } }, undefined],
    [{ by: 'argo-cd', application: 'dynamo' }, /Argo CD application dynamo .*enabled: false, and sync/],
    [
      { by: 'flux', kind: 'HelmRelease', namespace: 'flux', name: 'dyn' },
      /spec\.values\.dynamo-operator\.metricsService\.enabled: false/,
    ],
    [{ by: 'flux', kind: 'Kustomization', namespace: 'flux', name: 'all' }, /Kustomization flux\/all/],
    [{ by: 'unknown' }, /not installed by Helm/],
  ])('is switched where it is kept: %j', (install, words) => {
    const said = keptElsewhere(collection({ chain: { ...chain(), install } }), false)
    if (words) expect(said).toMatch(words)
    else expect(said).toBeUndefined()
  })
})

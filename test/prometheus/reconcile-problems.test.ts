import { describe, expect, it } from 'vitest'
import type { Prometheus } from '../../src/model/kubernetes.ts'
import type { PrometheusOperator, ReferencedObject } from '../../src/model/prometheus.ts'
import { parseOperatorFlags } from '../../src/prometheus/operator-flags.ts'
import { reconcileProblems } from '../../src/prometheus/reconcile-problems.ts'
import { prometheus } from '../engine/world.ts'

const of = (spec: Prometheus['spec']): Prometheus => ({ ...prometheus, spec: { ...prometheus.spec, ...spec } })
const pathsOf = (
  spec: Prometheus['spec'],
  objects: readonly ReferencedObject[] = [],
  operators: readonly PrometheusOperator[] = [],
) => reconcileProblems(of(spec), objects, operators).map(({ path }) => path)

const operator = (...args: readonly string[]): PrometheusOperator => {
  const workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'observability', name: 'kps-operator' },
    spec: { template: { spec: { containers: [{ name: 'prometheus-operator', args }] } } },
  }
  return { workload, flags: parseOperatorFlags(workload) }
}

const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'observability', name: 'login' }
const absent: ReferencedObject = { ref }
const held: ReferencedObject = {
  ref,
  data: { token: 'opaque', crt: 'certificate/0a0a0a0a', other: 'private-key/0b0b0b0b' },
}
const key = (name: string) => ({ name: 'login', key: name })

describe('reconcileProblems', () => {
  it.each<[version: string | undefined, wrong: boolean]>([
    [undefined, false],
    ['', false],
    ['v3.5.0', false],
    ['2.54.1', false],
    [' v2.41.0', false],
    ['3', false],
    ['v03.05', false],
    ['v3.0.0-beta.1', false],
    ['v3.1.0+build', false],
    ['latest', true],
    ['v4.0.0', true],
    ['1.8.2', true],
    ['3.x', true],
    ['v3.0-rc', true],
    ['vv3.0.0', true],
    ['=3.0.0', true],
    ['3.0.0.1', true],
  ])('version %s', (version, wrong) => {
    expect(pathsOf(version === undefined ? {} : { version })).toEqual(wrong ? ['spec.version'] : [])
  })

  it.each<[what: string, spec: Prometheus['spec'], path: string | undefined]>([
    ['nothing', {}, undefined],
    ['one default class', { scrapeClasses: [{ name: 'a', default: true }, { name: 'b' }] }, undefined],
    [
      'two default classes',
      {
        scrapeClasses: [
          { name: 'a', default: true },
          { name: 'b', default: true },
        ],
      },
      'scrapeClasses[1].default',
    ],
    [
      'a relabeling of a class',
      { scrapeClasses: [{ name: 'a' }, { name: 'b', relabelings: [{ regex: '(', targetLabel: 'x' }] }] },
      'scrapeClasses[1].relabelings[0]',
    ],
    [
      'a metricRelabeling of a class',
      { scrapeClasses: [{ name: 'a', metricRelabelings: [{ action: 'hashmod', targetLabel: 'x' }] }] },
      'scrapeClasses[0].metricRelabelings[0]',
    ],
    [
      'the TLS of a class',
      { scrapeClasses: [{ name: 'a', tlsConfig: { certFile: '/crt' } }] },
      'scrapeClasses[0].tlsConfig',
    ],
    [
      'the authorization of a class',
      { scrapeClasses: [{ name: 'a', authorization: { type: 'Basic' } }] },
      'scrapeClasses[0].authorization.type',
    ],
    [
      'two tokens of a class',
      { scrapeClasses: [{ name: 'a', authorization: { credentials: key('token'), credentialsFile: '/token' } }] },
      'scrapeClasses[0].authorization',
    ],
    [
      'a token file of a class',
      { scrapeClasses: [{ name: 'a', authorization: { credentialsFile: '/token' } }] },
      undefined,
    ],
    ['a timeout within the interval', { scrapeTimeout: '30s', scrapeInterval: '30s' }, undefined],
    ['a timeout beyond it', { scrapeTimeout: '31s', scrapeInterval: '30s' }, 'scrapeTimeout'],
    ['a timeout beyond the interval by default', { scrapeTimeout: '1m' }, 'scrapeTimeout'],
    ['a timeout, and an interval that is empty', { scrapeTimeout: '1s', scrapeInterval: '' }, 'scrapeTimeout'],
    ['an interval that is empty', { scrapeInterval: '' }, undefined],
  ])('%s', (_, spec, path) => {
    expect(pathsOf(spec)).toEqual(path === undefined ? [] : [`spec.${path}`])
    expect(pathsOf({ ...spec, paused: true })).toEqual([])
  })

  it.each<[what: string, spec: Prometheus['spec'], object: ReferencedObject, path: string | undefined]>([
    [
      'remoteWrite',
      { remoteWrite: [{}, { basicAuth: { username: key('token'), password: key('none') } }] },
      held,
      'remoteWrite[1].basicAuth.password',
    ],
    [
      'remoteRead',
      { remoteRead: [{ authorization: { credentials: key('token') } }] },
      absent,
      'remoteRead[0].authorization.credentials',
    ],
    [
      'apiserverConfig',
      { apiserverConfig: { authorization: { credentials: key('token') } } },
      absent,
      'apiserverConfig.authorization.credentials',
    ],
    [
      'an Alertmanager',
      { alerting: { alertmanagers: [{ authorization: { credentials: key('token') } }] } },
      absent,
      'alerting.alertmanagers[0].authorization.credentials',
    ],
    [
      'the pair of a class',
      { scrapeClasses: [{ name: 'a', tlsConfig: { cert: { secret: key('crt') }, keySecret: key('other') } }] },
      held,
      'scrapeClasses[0].tlsConfig.keySecret',
    ],
    [
      'the token of a class: it is never read',
      { scrapeClasses: [{ name: 'a', authorization: { credentials: key('token') } }] },
      absent,
      undefined,
    ],
    ['additionalScrapeConfigs', { additionalScrapeConfigs: key('token') }, absent, 'additionalScrapeConfigs'],
    [
      'additionalScrapeConfigs, optional',
      { additionalScrapeConfigs: { ...key('token'), optional: true } },
      absent,
      undefined,
    ],
    [
      'additionalScrapeConfigs, the key optional',
      { additionalScrapeConfigs: { ...key('none'), optional: true } },
      held,
      undefined,
    ],
    [
      'additionalAlertRelabelConfigs',
      { additionalAlertRelabelConfigs: key('none') },
      held,
      'additionalAlertRelabelConfigs',
    ],
    [
      'additionalAlertManagerConfigs',
      { additionalAlertManagerConfigs: key('none') },
      held,
      'additionalAlertManagerConfigs',
    ],
    ['what is there', { additionalScrapeConfigs: key('token') }, held, undefined],
  ])('the Secret of %s', (_, spec, object, path) => {
    expect(pathsOf(spec, [object])).toEqual(path === undefined ? [] : [`spec.${path}`])
    expect(pathsOf(spec)).toEqual([])
  })

  it('does not look into the configuration of somebody else', () => {
    const nil = {
      serviceMonitorSelector: null,
      podMonitorSelector: null,
      probeSelector: null,
      scrapeConfigSelector: null,
    }
    const spec = { ...nil, version: '4.0.0', scrapeTimeout: '1m' }
    expect(pathsOf(spec, [], [operator()])).toEqual(['spec.version'])
    expect(pathsOf(spec, [], [operator('--disable-unmanaged-prometheus-configuration')])).toEqual([
      'spec.version',
      'spec.scrapeTimeout',
    ])
  })
})

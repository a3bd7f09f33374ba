import { describe, expect, it } from 'vitest'
import type { Endpoint, Prometheus, ScrapeClass, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { droppedFields } from '../../src/prometheus/dropped-fields.ts'

interface Given {
  readonly version?: string
  readonly spec?: object
  readonly endpoint?: Endpoint & object
  readonly scrapeClass?: object
}

const dropped = ({ version, spec = {}, endpoint = {}, scrapeClass }: Given) => {
  const prometheus: Prometheus = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { namespace: 'observability', name: 'kps' },
    spec: {
      ...(version === undefined ? {} : { version }),
      scrapeClasses: [{ name: 'other' }, { name: 'everybody', default: true, ...scrapeClass } as ScrapeClass],
    },
  }
  const monitor: ServiceMonitor = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { namespace: 'inference', name: 'dyn' },
    spec: { endpoints: [{}, endpoint], ...spec },
  }
  return droppedFields(monitor, 1, prometheus).map(({ in: owner, path, since }) => `${owner} ${path} ${since}`)
}

const oauth2 = { tokenUrl: 'https://id.example/token', proxyFromEnvironment: true, tlsConfig: {} }

describe('droppedFields', () => {
  it.each<[what: string, given: Given, wanted: readonly string[]]>([
    ['nothing is set', { version: 'v2.10.0' }, []],
    [
      'a version before',
      { version: 'v2.26.9', endpoint: { oauth2 } },
      ['ServiceMonitor spec.endpoints[1].oauth2 2.27.0'],
    ],
    [
      'the version of the field, and parts that are younger',
      { version: 'v2.27.0', endpoint: { oauth2 } },
      [
        'ServiceMonitor spec.endpoints[1].oauth2.tlsConfig 2.43.0',
        'ServiceMonitor spec.endpoints[1].oauth2.proxyFromEnvironment 2.43.0',
      ],
    ],
    ['a version after', { version: '2.43', endpoint: { oauth2 } }, []],
    ['no version: the operator’s own, which is new', { endpoint: { oauth2 } }, []],
    [
      'a field that is false',
      { version: 'v2.34.0', endpoint: { enableHttp2: false } as Endpoint },
      ['ServiceMonitor spec.endpoints[1].enableHttp2 2.35.0'],
    ],
    [
      'one protocol of several',
      { version: 'v2.55.1', spec: { scrapeProtocols: ['PrometheusText0.0.4', 'PrometheusText1.0.0'] } },
      ['ServiceMonitor spec.scrapeProtocols[1] 3.0.0-rc.0'],
    ],
    [
      'a list of protocols that is left out as one',
      { version: 'v2.48.1', spec: { scrapeProtocols: ['PrometheusText0.0.4', 'PrometheusText1.0.0'] } },
      ['ServiceMonitor spec.scrapeProtocols 2.49.0'],
    ],
    [
      'protocols that it has',
      { version: 'v3.0.0-rc.0', spec: { scrapeProtocols: ['PrometheusText0.0.4', 'PrometheusText1.0.0'] } },
      [],
    ],
    [
      'a field of the whole',
      { version: 'v2.55.1', spec: { fallbackScrapeProtocol: 'PrometheusText0.0.4' } },
      ['ServiceMonitor spec.fallbackScrapeProtocol 3.0.0'],
    ],
    [
      'a release candidate is before its release',
      { version: 'v3.0.0-rc.1', spec: { fallbackScrapeProtocol: 'PrometheusText0.0.4' } },
      ['ServiceMonitor spec.fallbackScrapeProtocol 3.0.0'],
    ],
    [
      'what a scrape class gives',
      { version: 'v2.55.1', scrapeClass: { fallbackScrapeProtocol: 'PrometheusText0.0.4' } },
      ['Prometheus spec.scrapeClasses[1].fallbackScrapeProtocol 3.0.0'],
    ],
    [
      'what a scrape class gives to another: it has its own',
      {
        version: 'v2.34.0',
        endpoint: { tlsConfig: { insecureSkipVerify: true } },
        scrapeClass: { tlsConfig: { minVersion: 'TLS10' } },
      },
      [],
    ],
    [
      'the TLS of a scrape class, to one without',
      { version: 'v2.34.0', scrapeClass: { tlsConfig: { minVersion: 'TLS10', maxVersion: 'TLS12' } } },
      [
        'Prometheus spec.scrapeClasses[1].tlsConfig.minVersion 2.35.0',
        'Prometheus spec.scrapeClasses[1].tlsConfig.maxVersion 2.41.0',
      ],
    ],
    ['what a class does not give', { version: 'v2.10.0', scrapeClass: { proxyFromEnvironment: true } }, []],
  ])('%s', (_, given, wanted) => {
    expect(dropped(given)).toEqual(wanted)
  })
})

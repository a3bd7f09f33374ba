import { describe, expect, test } from 'vitest'
import { scrapeConfigLoaded } from '../../../src/checks/scrape/scrape-config-loaded.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Endpoint } from '../../../src/model/kubernetes.ts'
import { serviceMonitor } from '../../engine/world.ts'
import { all, findingsOf, healthyFacts, idleShard, read, runCheck, scraping, shard } from '../healthy-facts.ts'
import { withEndpoint, withSpec } from '../stack/healthy-chain.ts'

const reloadFailing = async (overrides: Partial<Facts>) =>
  findingsOf(await runCheck(scrapeConfigLoaded, healthyFacts(overrides))).find(
    ({ code }) => code === 'scrape/reload-failing',
  )

const refused = { runtime: read({ reloadConfigSuccess: false, lastConfigTime: '2026-11-21T10:00:00Z' }) }
const withoutJob = scraping(idleShard({ pools: read([]) }))
const monitor = { kind: 'ServiceMonitor', name: 'dyn-dynamo-operator-operator' }
const prometheus = { kind: 'Prometheus', name: 'kps' }
const withAnother = (fields: Endpoint) => ({
  serviceMonitors: all(withEndpoint({ ...serviceMonitor.spec?.endpoints?.[0], ...fields })),
})

describe('scrape/reload-failing', () => {
  test('names the pod that refuses, what is in force, and where the job can be read', async () => {
    expect(
      await reloadFailing(scraping(shard(), idleShard({ pod: 'prometheus-kps-shard-1-0', ...refused }))),
    ).toMatchObject({
      subject: prometheus,
      evidence: [
        {
          ref: { kind: 'Pod', namespace: 'observability', name: 'prometheus-kps-shard-1-0' },
          path: '/api/v1/status/runtimeinfo reloadConfigSuccess',
          expected: 'true',
          actual: 'false; the configuration in force is of 2026-11-21T10:00:00Z',
        },
      ],
      fixes: [
        {
          id: 'find-bad-job',
          risk: 'manual',
          steps: [
            {
              commands: [
                "kubectl -n observability logs prometheus-kps-shard-1-0 -c prometheus --tail=200 | grep -i 'error loading config'",
              ],
            },
          ],
        },
      ],
    })
  })

  test('is no consequence of what prometheus-operator rejects for a Secret that is not there', async () => {
    const facts = {
      ...withoutJob,
      ...withAnother({ authorization: { credentials: { name: 'absent', key: 'token' } } }),
    }
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'inference', name: 'absent' }
    expect(await reloadFailing(facts)).toBeDefined()
    expect(await reloadFailing({ ...facts, referencedObjects: all({ ref }) })).toBeUndefined()
  })

  const token = { name: 'token', key: 'token' }
  test.each<[what: string, fields: Endpoint, path: string]>([
    ['authorization', { authorization: { credentials: { name: 'token', key: 'token' } } }, 'authorization'],
    ['basicAuth', { basicAuth: { username: token, password: token } }, 'basicAuth'],
    ['a token Secret', { bearerTokenSecret: { name: 'token', key: 'token' } }, 'bearerTokenSecret'],
  ])('is proved by the ServiceMonitor’s token file beside %s', async (_, fields, path) => {
    expect(await reloadFailing({ ...withoutJob, ...withAnother(fields) })).toMatchObject({
      evidence: [
        { ref: monitor, path: 'spec.endpoints[0].bearerTokenFile' },
        { ref: monitor, path: `spec.endpoints[0].${path}`, actual: 'set' },
      ],
      fixes: [{ id: 'one-authorization' }, { id: 'find-bad-job' }],
    })
  })

  test('is proved by a regex that Prometheus does not take, of whichever object it is', async () => {
    const rule = { action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b', regex: '(.*)' }
    const because = (path: string) =>
      `prometheus-operator lets ${path} pass, and Prometheus refuses the whole file for it`
    const path = 'spec.endpoints[0].metricRelabelings[0]'
    expect(await reloadFailing({ ...withoutJob, ...withAnother({ metricRelabelings: [rule] }) })).toMatchObject({
      evidence: [{ ref: monitor, path, expected: 'no regex for keepequal', actual: '(.*)' }],
      because: because(path),
      fixes: [{ steps: [{ text: expect.stringMatching(/of the ServiceMonitor\.$/) }] }, { id: 'find-bad-job' }],
    })
    const scrapeClasses = [{ name: 'mesh', default: true, relabelings: [rule] }]
    expect(await reloadFailing({ ...withoutJob, prometheuses: all(withSpec({ scrapeClasses })) })).toMatchObject({
      evidence: [{ ref: prometheus, path: 'spec.scrapeClasses[0].relabelings[0]' }],
      fixes: [{ steps: [{ text: expect.stringMatching(/of the Prometheus object\.$/) }] }, { id: 'find-bad-job' }],
    })
  })

  test('is proved by the scrape class of the Prometheus object', async () => {
    const scrapeClasses = [{ name: 'mesh', default: true, authorization: { credentialsFile: '/token' } }]
    expect(await reloadFailing({ ...withoutJob, prometheuses: all(withSpec({ scrapeClasses })) })).toMatchObject({
      evidence: [
        { ref: monitor, path: 'spec.endpoints[0].bearerTokenFile' },
        { ref: prometheus, path: 'spec.scrapeClasses[0].authorization' },
      ],
    })
  })

  test('is proved by a port that is no regular expression', async () => {
    expect(await reloadFailing({ ...withoutJob, ...withAnother({ port: '(' }) })).toMatchObject({
      evidence: [
        { ref: monitor, path: 'spec.endpoints[0].port', expected: 'a regular expression of RE2', actual: '(' },
      ],
      because: expect.stringContaining('lets spec.endpoints[0].port pass'),
      fixes: [{ id: 'correct-field' }, { id: 'find-bad-job' }],
    })
  })

  test.each<[what: string, overrides: Partial<Facts>]>([
    ['the target is there', scraping(shard())],
    ['the job is loaded', scraping(idleShard())],
  ])('is not proved by objects where %s', async (_, overrides) => {
    const another = withAnother({ authorization: { credentials: { name: 'token', key: 'token' } } })
    expect(await reloadFailing({ ...another, ...overrides })).toBeUndefined()
  })
})

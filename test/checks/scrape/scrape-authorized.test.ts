import { describe, expect, it } from 'vitest'
import { scrapeAuthorized } from '../../../src/checks/scrape/scrape-authorized.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import { deployment } from '../../engine/world.ts'
import {
  access,
  all,
  down,
  findingsOf,
  healthyFacts,
  idleShard,
  type Needed,
  read,
  refusal,
  runCheck,
  scraping,
  shard,
  summary,
  target,
} from '../healthy-facts.ts'
import { chain, ofVersion, serviceMonitor, withEndpoint, withSpec } from '../stack/healthy-chain.ts'

const behindProxy = (...args: readonly string[]) => ({
  ...deployment,
  spec: { ...deployment.spec, template: { spec: { containers: [{ name: 'kube-rbac-proxy', args }] } } },
})
const metrics: Needed = { verb: 'get', path: '/metrics' }
const denied: Partial<Facts> = { scrapeAccess: all(access(metrics)) }
const answering = (lastError: string): Partial<Facts> => scraping(shard({ active: read([down(lastError)]) }))
const status = (text: string) => answering(`server returned HTTP status ${text}`)
const waiting = scraping(shard({ active: read([target({ health: 'unknown' })]) }))
const unauthorized = '401 Unauthorized'
const proxied: Partial<Facts> = { chains: all({ ...chain(), era: '0.9' }) }
const open: Partial<Facts> = {
  chains: all({ ...chain({ workload: behindProxy('--ignore-paths=/metrics') }), era: '0.9' }),
}

describe('scrape-authorized', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['the target is up', {}, 'passed'],
    ['the target is up, whatever the review says', denied, 'passed'],
    ['the review allows it, no target yet', scraping(idleShard()), 'passed'],
    ['the review refuses it, no target yet', { ...denied, ...scraping(idleShard()) }, 'failed scrape/forbidden'],
    ['the review refuses it, not scraped yet', { ...denied, ...waiting }, 'failed scrape/forbidden'],
    ['403', status('403 Forbidden'), 'failed scrape/forbidden'],
    ['403, and the review refuses it', { ...denied, ...status('403 Forbidden') }, 'failed scrape/forbidden'],
    ['401', status(unauthorized), 'failed scrape/unauthorized'],
    [
      '401, and the review refuses it',
      { ...denied, ...status(unauthorized) },
      'failed scrape/unauthorized scrape/forbidden',
    ],
    ['500, from 1.0 on', status('500 Internal Server Error'), 'failed scrape/unauthorized'],
    ['500, before', { ...proxied, ...status('500 Internal Server Error') }, 'unknown'],
    ['before 1.0 nobody is asked', { ...proxied, ...denied, ...scraping(idleShard()) }, 'unknown'],
    ['before 1.0 a proxy that lets the metrics pass asks nobody', { ...open, ...scraping(idleShard()) }, 'passed'],
    ['such a proxy that refuses all the same', { ...open, ...status('403 Forbidden') }, 'failed scrape/forbidden'],
    ['down for another reason, the review allows it', answering('context deadline exceeded'), 'passed'],
    [
      'nobody was asked about this Prometheus',
      { ...scraping(idleShard()), scrapeAccess: { items: [], unread: [refusal('subjectaccessreviews')] } },
      'unknown',
    ],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
    [
      'a ServiceMonitor without endpoints',
      { serviceMonitors: all({ ...serviceMonitor, spec: { ...serviceMonitor.spec, endpoints: [] } }) },
      'skipped',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(scrapeAuthorized, healthyFacts(overrides)))).toBe(wanted)
  })

  it.each<[missing: readonly FactName[], overrides: Partial<Facts>, wanted: string]>([
    [['chains'], {}, 'unknown'],
    [['scrapeAccess'], {}, 'passed'],
    [['scrapeAccess'], scraping(idleShard()), 'unknown'],
    [['prometheusStates'], denied, 'failed scrape/forbidden'],
    [['prometheusStates'], {}, 'passed'],
    [['prometheusStates', 'scrapeAccess'], {}, 'unknown'],
  ])('without %j', async (unavailable, overrides, wanted) => {
    expect(summary(await runCheck(scrapeAuthorized, healthyFacts(overrides), { unavailable }))).toBe(wanted)
  })

  it('is skipped where only files are there', async () => {
    const offline = { unavailable: ['prometheusStates', 'scrapeAccess'], why: 'not-live' } as const
    expect(summary(await runCheck(scrapeAuthorized, healthyFacts(), offline))).toBe('skipped')
  })

  it.each<[what: string, overrides: Partial<Facts>, wanted: object]>([
    [
      'no token is sent',
      { serviceMonitors: all(withEndpoint({ port: 'metrics', scheme: 'https' })), ...status(unauthorized) },
      {
        subject: { kind: 'ServiceMonitor' },
        fixes: [{ id: 'send-token', steps: [{ patch: [{ path: '/spec/endpoints/0/bearerTokenFile' }] }] }],
      },
    ],
    [
      'the scrape class brings a token that is not taken',
      {
        serviceMonitors: all(withEndpoint({ port: 'metrics' })),
        prometheuses: all(
          withSpec({
            scrapeClasses: [
              { name: 'login', default: true, authorization: { credentials: { name: 'token', key: 'k' } } },
            ],
          }),
        ),
        ...status(unauthorized),
      },
      {
        subject: { kind: 'Prometheus' },
        evidence: [{}, { path: 'spec.scrapeClasses[0].authorization' }],
        fixes: [{ id: 'name-credentials-file', risk: 'manual' }],
      },
    ],
    [
      'the pods have no token',
      { prometheuses: all(withSpec({ automountServiceAccountToken: false })), ...status(unauthorized) },
      { subject: { kind: 'Prometheus' }, fixes: [{ id: 'mount-token' }] },
    ],
    [
      'the token is not accepted',
      status(unauthorized),
      { subject: { kind: 'ServiceMonitor' }, fixes: [{ id: 'see-token', risk: 'manual' }] },
    ],
    [
      'the token could not be checked',
      status('500 Internal Server Error'),
      { subject: { kind: 'Deployment' }, fixes: [{ id: 'see-token-review' }] },
    ],
  ])('says why the operator turns it away: %s', async (_, overrides, wanted) => {
    expect(findingsOf(await runCheck(scrapeAuthorized, healthyFacts(overrides)))).toMatchObject([wanted])
  })

  it('grants the account of the Prometheus what it lacks', async () => {
    const [finding] = findingsOf(
      await runCheck(scrapeAuthorized, healthyFacts({ ...denied, ...status('403 Forbidden') })),
    )
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceAccount', namespace: 'observability', name: 'default' },
      evidence: [
        { actual: 'server returned HTTP status 403 Forbidden' },
        { path: 'get /metrics', actual: 'refused (no RBAC policy matched)' },
      ],
      fixes: [
        {
          risk: 'disruptive',
          steps: [
            { manifest: { kind: 'ClusterRole', rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] } },
            { manifest: { kind: 'ClusterRoleBinding', subjects: [{ name: 'default', namespace: 'observability' }] } },
          ],
        },
      ],
    })
  })

  it('grants it nothing where another account’s token is sent', async () => {
    const own = withEndpoint({ port: 'metrics', authorization: { credentials: { name: 'token', key: 'token' } } })
    const [finding] = findingsOf(
      await runCheck(scrapeAuthorized, healthyFacts({ serviceMonitors: all(own), ...status('403 Forbidden') })),
    )
    expect(finding?.fixes).toMatchObject([{ id: 'grant-token-owner', risk: 'manual' }])
  })

  it('knows the eras by their chains', () => {
    expect(chain({ workload: ofVersion('1.4.2') }).era).toBe('1.0')
  })
})

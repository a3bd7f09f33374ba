import { describe, expect, test } from 'vitest'
import { scrapeDiscoveryPermitted } from '../../../src/checks/scrape/scrape-discovery-permitted.ts'
import { inWords } from '../../../src/kubernetes/rbac.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { NearMiss } from '../../../src/model/rbac.ts'
import {
  access,
  all,
  findingsOf,
  healthyFacts,
  idleShard,
  type Needed,
  refusal,
  runCheck,
  scraping,
  summary,
} from '../healthy-facts.ts'

type Row = readonly [name: string, overrides: Partial<Facts>, wanted: string]

const run = (overrides: Partial<Facts> = {}, unavailable: readonly FactName[] = []) =>
  runCheck(scrapeDiscoveryPermitted, healthyFacts(overrides), { unavailable })

const list = (resource: string, namespace = 'inference'): Needed => ({ verb: 'list', resource, namespace })
const noTarget = scraping(idleShard())
const refusing = (...denied: readonly Needed[]): Partial<Facts> => ({
  ...noTarget,
  scrapeAccess: all(access(...denied)),
})

describe('scrape-discovery-permitted', () => {
  test.each<Row>([
    ['all lists are allowed', {}, 'passed'],
    ['all lists are allowed, and there is no target', noTarget, 'passed'],
    ['services may not be listed', refusing(list('services')), 'failed scrape/discovery-forbidden'],
    ['endpoints may not be listed', refusing(list('endpoints')), 'failed scrape/discovery-forbidden'],
    ['pods may not be listed', refusing(list('pods')), 'failed scrape/discovery-forbidden'],
    ['several may not', refusing(list('services'), list('pods')), 'failed scrape/discovery-forbidden'],
    ['only /metrics may not be read: another check says so', refusing({ verb: 'get', path: '/metrics' }), 'passed'],
    [
      'refused, and the watches of before go on',
      { scrapeAccess: all(access(list('pods'))) },
      'failed scrape/discovery-forbidden (warning)',
    ],
    [
      'the account was not asked for',
      { ...noTarget, scrapeAccess: { items: [], unread: [refusal('subjectaccessreviews')] } },
      'unknown',
    ],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
    ['no Prometheus', { prometheuses: all(), scrapeAccess: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await run(overrides))).toBe(wanted)
  })

  test('lists each right that is missing, and grants them where they are missing', async () => {
    const [finding] = findingsOf(await run(refusing(list('services'), list('pods'))))
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceAccount', namespace: 'observability', name: 'default' },
      evidence: [
        { path: 'list services in namespace inference', actual: 'refused (no RBAC policy matched)' },
        { path: 'list pods in namespace inference', actual: 'refused (no RBAC policy matched)' },
      ],
      fixes: [
        {
          risk: 'disruptive',
          steps: [
            { manifest: { kind: 'Role', metadata: { namespace: 'inference' } } },
            {
              manifest: {
                kind: 'RoleBinding',
                subjects: [{ kind: 'ServiceAccount', namespace: 'observability', name: 'default' }],
              },
            },
          ],
        },
      ],
    })
  })

  test('a search in all namespaces is granted with a ClusterRole', async () => {
    const [finding] = findingsOf(await run(refusing({ verb: 'list', resource: 'pods' })))
    expect(finding).toMatchObject({
      evidence: [{ path: 'list pods in all namespaces' }],
      fixes: [{ steps: [{ manifest: { kind: 'ClusterRole' } }, { manifest: { kind: 'ClusterRoleBinding' } }] }],
    })
  })

  test.each<FactName>(['chains', 'serviceMonitors', 'prometheuses', 'scrapeAccess'])(
    'is unknown without %s',
    async name => {
      expect(summary(await run({}, [name]))).toBe('unknown')
    },
  )

  test('tells whether discovery still goes on', async () => {
    const because = async (overrides: Partial<Facts>) => findingsOf(await run(overrides))[0]?.because
    const denied = { scrapeAccess: all(access(list('pods'))) }
    expect(await because(denied)).toMatch(/watches/)
    expect(await because({ ...denied, ...noTarget })).toMatch(/one missing right/)
  })

  test('names the role that lacks it, once for all refusals', async () => {
    const refused = access(list('services'), list('pods'))
    const kps = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'kps' }
    const nearest = (needed: Needed): NearMiss => ({
      binding: { ...kps, kind: 'ClusterRoleBinding' },
      role: kps,
      object: { apiVersion: kps.apiVersion, kind: kps.kind, metadata: { name: 'kps' } },
      evidence: { ref: kps, path: 'rules', expected: inWords(needed), actual: 'no such rule' },
    })
    const answers = refused.answers.map(answer =>
      answer.allowed ? answer : { ...answer, nearest: nearest(answer.needed) },
    )
    const [finding] = findingsOf(await run({ ...noTarget, scrapeAccess: all({ ...refused, answers }) }))
    const expected = 'list services in namespace inference, list pods in namespace inference'
    expect(finding).toMatchObject({
      evidence: [{}, {}, { ref: { kind: 'ClusterRole', name: 'kps' }, path: 'rules', expected }],
      fixes: [{ id: 'grant-discovery' }, { id: 'correct-role', title: 'Correct ClusterRole kps where it is kept' }],
    })
    expect(finding?.evidence.length).toBe(3)
  })

  test('needs no answer of Prometheus', async () => {
    expect(summary(await run(refusing(list('pods')), ['prometheusStates']))).toBe('failed scrape/discovery-forbidden')
  })
})

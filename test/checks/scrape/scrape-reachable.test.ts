import { describe, expect, it, test } from 'vitest'
import { scrapeReachable } from '../../../src/checks/scrape/scrape-reachable.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { NetworkPolicy, Pod } from '../../../src/model/kubernetes.ts'
import { commandsOf } from '../../../src/report/commands-of-fix.ts'
import { deployment, prometheus, serviceMonitor } from '../../engine/world.ts'
import {
  all,
  down,
  findingsOf,
  healthyFacts,
  idleShard,
  read,
  refusal,
  runCheck,
  scraping,
  shard,
  state,
  summary,
  target,
  unread,
} from '../healthy-facts.ts'
import { anotherPrometheus, chain, operatorPod, prometheusPod, withEndpoint } from '../stack/healthy-chain.ts'
import { denyAll, denyEgress, observability, policy } from './policies.ts'

const silence = 'Get "https://10.0.0.7:8080/metrics": context deadline exceeded'
const refused = 'Get "https://10.0.0.7:8080/metrics": dial tcp 10.0.0.7:8080: connect: connection refused'
const scrapedWith = (lastError: string) => scraping(shard({ active: read([down(lastError)]) }))
const silent = scrapedWith(silence)
const policies = (...items: readonly NetworkPolicy[]): Partial<Facts> => ({
  networkPolicies: all(...items),
  prometheusNamespaces: all(observability({ team: 'platform' })),
})
const letsIn = (labels: Readonly<Record<string, string>>) =>
  policy('from-team', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: labels } }] }] })
const unlabelled = {
  networkPolicies: all(denyAll, letsIn({ team: 'platform' })),
  prometheusNamespaces: { items: [], unread: [refusal('namespaces')] },
}
const second = anotherPrometheus('edge', { serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {} })

const runningPod: Pod = { ...operatorPod, spec: deployment.spec?.template?.spec ?? {} }

const judge = async (overrides: Partial<Facts>, unavailable: readonly FactName[] = []) =>
  runCheck(scrapeReachable, healthyFacts({ operatorPods: all(runningPod), ...overrides }), { unavailable })

describe('scrape-reachable', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['the target answers', {}, 'passed'],
    ['the target answers in spite of a policy: this network enforces none', policies(denyAll), 'passed'],
    [
      'it answers with a refusal',
      { ...scrapedWith('server returned HTTP status 403 Forbidden'), ...policies(denyAll) },
      'passed',
    ],
    [
      'it answers with a certificate',
      { ...scrapedWith('x509: certificate has expired'), ...policies(denyAll) },
      'passed',
    ],
    ['silence, and no policy', silent, 'passed'],
    ['silence, and a policy that closes all', { ...silent, ...policies(denyAll) }, 'failed scrape/network-policy'],
    [
      'a refused connection, and such a policy',
      { ...scrapedWith(refused), ...policies(denyAll) },
      'failed scrape/network-policy',
    ],
    [
      'silence, and a policy that lets the namespace in',
      { ...silent, ...policies(denyAll, letsIn({ team: 'platform' })) },
      'passed',
    ],
    [
      'silence, and one that lets another in',
      { ...silent, ...policies(denyAll, letsIn({ team: 'web' })) },
      'failed scrape/network-policy',
    ],
    ['silence, and Prometheus may not go out', { ...silent, ...policies(denyEgress) }, 'failed scrape/network-policy'],
    [
      'a name that does not resolve decides nothing',
      { ...scrapedWith('dial tcp: lookup dyn: no such host'), ...policies(denyAll) },
      'failed scrape/network-policy',
    ],
    [
      'no target, and a policy that closes all',
      { ...scraping(idleShard()), ...policies(denyAll) },
      'failed scrape/network-policy',
    ],
    [
      'Prometheus does not answer us',
      { ...scraping(shard({ active: unread() })), ...policies(denyAll) },
      'failed scrape/network-policy',
    ],
    [
      'one answers, one does not',
      {
        ...scraping(shard({ active: read([target(), down(silence, { scrapeUrl: 'https://10.0.0.8:8080/metrics' })]) })),
        ...policies(denyAll),
      },
      'failed scrape/network-policy (warning)',
    ],
    [
      'another Prometheus reaches it',
      {
        prometheuses: all(prometheus, second),
        prometheusStates: all(state(prometheus, idleShard()), state(second)),
        ...policies(denyAll),
      },
      'passed',
    ],
    ['the labels of Prometheus’s namespace are not known', { ...silent, ...unlabelled }, 'unknown'],
    [
      'nor the policies of the operator’s namespace',
      { ...silent, networkPolicies: { items: [], unread: [refusal('networkpolicies', 'inference')] } },
      'unknown',
    ],
    [
      'those of the one are enough where they close',
      { ...silent, networkPolicies: { items: [denyAll], unread: [refusal('networkpolicies', 'observability')] } },
      'failed scrape/network-policy',
    ],
    ['no ServiceMonitor', { serviceMonitors: all(), ...policies(denyAll) }, 'skipped'],
    [
      'no Service: nobody knows which port',
      { chains: all(chain({ service: undefined })), ...scraping(idleShard()), ...policies(denyAll) },
      'skipped',
    ],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await judge(overrides))).toBe(wanted)
  })

  it.each<FactName>(['chains', 'serviceMonitors', 'prometheuses'])('is unknown without %s', async missing => {
    expect(summary(await judge({}, [missing]))).toBe('unknown')
  })

  it('is unknown where the policies may not be read, and names that read', async () => {
    expect(await judge(silent, ['networkPolicies'])).toMatchObject({
      outcome: 'unknown',
      unknown: [{ missing: [{ resource: 'networkPolicies' }], reason: expect.stringContaining('observability/kps') }],
    })
  })

  it('passes where the target is up although the policies may not be read', async () => {
    expect(summary(await judge({}, ['networkPolicies']))).toBe('passed')
  })

  it('judges by templates where there are no pods, as in files', async () => {
    const byInstance = policy('from-prometheus', {
      podSelector: { matchLabels: { 'control-plane': 'controller-manager' } },
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'kps' } }, namespaceSelector: {} }],
          ports: [{ port: 'metrics' }],
        },
      ],
    })
    const files: readonly FactName[] = ['prometheusPods', 'operatorPods', 'prometheusStates']
    expect(summary(await judge(policies(denyAll), files))).toBe('failed scrape/network-policy')
    expect(summary(await judge(policies(denyAll, byInstance), files))).toBe('passed')
  })

  it.each<[what: string, parts: Parameters<typeof withEndpoint>[0], port: number, wanted: string]>([
    ['by the name of the Service’s port', { port: 'metrics' }, 8080, 'passed'],
    ['by a pattern', { port: 'met.*' }, 8080, 'passed'],
    ['by the number of a container’s port', { targetPort: 9443 }, 9443, 'passed'],
    ['by the name of a container’s port', { targetPort: 'webhook-server' }, 9443, 'passed'],
    ['by neither', {}, 8080, 'passed'],
    ['and no other port', { port: 'metrics' }, 9443, 'failed scrape/network-policy'],
  ])('knows the port that an endpoint names %s', async (_, endpoint, port, wanted) => {
    const overrides = {
      serviceMonitors: all(withEndpoint(endpoint)),
      ...scraping(shard({ active: unread() })),
      ...policies(policy('one-port', { podSelector: {}, ingress: [{ ports: [{ port }] }] })),
    }
    expect(summary(await judge(overrides))).toBe(wanted)
  })
})

test('shows the scrape, then each policy with what it lets through', async () => {
  const [finding] = findingsOf(await judge({ ...silent, ...policies(letsIn({ team: 'web' }), denyAll) }))
  expect(finding).toMatchObject({
    subject: { kind: 'NetworkPolicy', namespace: 'inference', name: 'default-deny' },
    evidence: [
      { path: 'target https://10.0.0.7:8080/metrics', actual: silence },
      {
        ref: { name: 'default-deny' },
        path: 'spec.ingress',
        expected: 'TCP port 8080 from pods of Prometheus observability/kps',
        actual: 'nothing',
      },
      { ref: { name: 'from-team' }, actual: 'all ports from namespaces team=web' },
    ],
  })
})

test('dozens of policies are counted, a few of them shown', async () => {
  const many = Array.from({ length: 3000 }, (_, index) => policy(`wall-${index}`, { podSelector: {} }))
  const [finding] = findingsOf(await judge({ ...silent, ...policies(...many) }))
  expect(finding?.evidence.length).toBe(6)
  expect(finding?.message).toContain('and 2999 more')
})

test('a network that was not tried may not enforce policies: says so', async () => {
  const [tried] = findingsOf(await judge({ ...silent, ...policies(denyAll) }))
  const [untried] = findingsOf(await judge({ ...scraping(idleShard()), ...policies(denyAll) }))
  expect(tried?.because).not.toContain('does not enforce')
  expect(untried?.because).toContain('does not enforce')
})

describe('the fix', () => {
  const fixOf = async (overrides: Partial<Facts>) => findingsOf(await judge(overrides))[0]?.fixes ?? []
  const applied = async (overrides: Partial<Facts>) =>
    (await fixOf(overrides))[0]?.steps.flatMap(step =>
      step.do === 'apply' ? [step.manifest as unknown as NetworkPolicy] : [],
    ) ?? []

  it.each<[what: string, closing: readonly NetworkPolicy[], risk: string, namespaces: readonly string[]]>([
    ['ingress: safe', [denyAll], 'safe', ['inference']],
    ['egress: in a namespace of others', [denyEgress], 'disruptive', ['observability']],
    ['both', [denyAll, denyEgress], 'disruptive', ['inference', 'observability']],
  ])('opens exactly this way: %s', async (_, closing, risk, namespaces) => {
    const before = { ...silent, ...policies(...closing) }
    const own = await applied(before)
    expect((await fixOf(before)).map(fix => fix.risk)).toEqual([risk, 'manual'])
    expect(own.map(({ metadata }) => metadata.namespace)).toEqual(namespaces)
    expect(summary(await judge({ ...silent, ...policies(...closing, ...own) }))).toBe('passed')
  })

  it('opens it to these pods only, and closes nothing', async () => {
    const own = await applied({ ...silent, ...policies(denyAll) })
    const stranger = {
      ...prometheusPod(),
      metadata: { ...prometheusPod().metadata, labels: { 'operator.prometheus.io/name': 'edge' } },
    }
    const asked = {
      prometheuses: all(second),
      prometheusPods: all(stranger),
      prometheusStates: all(state(second, shard({ active: read([down(silence)]) }))),
    }
    expect(summary(await judge({ ...asked, ...policies(denyAll, ...own) }))).toBe('failed scrape/network-policy')
  })

  it('is a command to run as it stands', async () => {
    const [fix] = await fixOf({ ...silent, ...policies(denyAll) })
    expect(fix && commandsOf(fix).commands.join('\n')).toMatchInlineSnapshot(`
      "kubectl apply --server-side --field-manager=dynamo-metrics -f - <<'EOF'
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: dyn-dynamo-operator-controller-manager-from-observability-kps
        namespace: inference
        labels:
          app.kubernetes.io/managed-by: dynamo-metrics
      spec:
        podSelector:
          matchLabels:
            control-plane: controller-manager
        policyTypes:
          - Ingress
        ingress:
          - from:
              - namespaceSelector:
                  matchLabels:
                    kubernetes.io/metadata.name: observability
                podSelector:
                  matchLabels:
                    operator.prometheus.io/name: kps
            ports:
              - protocol: TCP
                port: 8080
      EOF"
    `)
  })

  it('is only told where Prometheus is in its node’s network, which no label picks out', async () => {
    const inHost: Pod = { ...prometheusPod(), spec: { hostNetwork: true } }
    const fixes = await fixOf({ ...silent, prometheusPods: all(inHost), ...policies(denyAll) })
    expect(fixes.map(({ id }) => id)).toEqual(['allow-at-source'])
  })
})

test('the ServiceMonitor is not touched', async () => {
  const [finding] = findingsOf(await judge({ ...silent, ...policies(denyAll) }))
  expect(JSON.stringify(finding?.fixes)).not.toContain(serviceMonitor.kind)
})

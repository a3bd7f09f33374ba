import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Connection, type Direction, type PodEnd, passage } from '../../src/kubernetes/network-policy.ts'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../src/model/kubernetes.ts'

type Spec = NonNullable<NetworkPolicy['spec']>

const prometheus: PodEnd = {
  namespace: 'observability',
  namespaceLabels: { 'kubernetes.io/metadata.name': 'observability', team: 'platform' },
  labels: { 'operator.prometheus.io/name': 'kps', app: 'prometheus' },
  addresses: ['10.0.1.9', 'fd00::19'],
  hostNetwork: false,
  containers: [{ name: 'prometheus', ports: [{ name: 'metrics', containerPort: 9090 }] }],
}

const operator: PodEnd = {
  namespace: 'inference',
  namespaceLabels: { 'kubernetes.io/metadata.name': 'inference' },
  labels: { 'control-plane': 'controller-manager' },
  addresses: ['10.0.0.7'],
  hostNetwork: false,
  containers: [
    {
      name: 'manager',
      ports: [
        { name: 'metrics', containerPort: 8080 },
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
      ],
    },
  ],
}

const scrape: Connection = { from: prometheus, to: operator, protocol: 'TCP', port: 8080 }

const policy = (spec: Spec, parts: { readonly name?: string; readonly namespace?: string } = {}): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'walls', namespace: 'inference', ...parts },
  spec,
})

const from = (...peers: readonly NetworkPolicyPeer[]): Spec => ({ podSelector: {}, ingress: [{ from: peers }] })
const onPorts = (...ports: readonly NetworkPolicyPort[]): Spec => ({ podSelector: {}, ingress: [{ ports }] })
const block = (cidr: string, ...except: readonly string[]) => from({ ipBlock: { cidr, except } })

const ingress = (...specs: readonly Spec[]) =>
  passage(
    'ingress',
    scrape,
    specs.map(spec => policy(spec)),
  ).allowed

describe('which pods a policy is about', () => {
  it.each<[what: string, policies: readonly NetworkPolicy[], allowed: string]>([
    ['no policy', [], 'yes'],
    ['an empty selector takes all pods: default deny', [policy({ podSelector: {} })], 'no'],
    ['a selector that is not set takes all pods', [policy({})], 'no'],
    ['other pods', [policy({ podSelector: { matchLabels: { app: 'web' } } })], 'yes'],
    ['these pods by label', [policy({ podSelector: { matchLabels: operator.labels } })], 'no'],
    [
      'these pods by expression',
      [policy({ podSelector: { matchExpressions: [{ key: 'control-plane', operator: 'Exists' }] } })],
      'no',
    ],
    [
      'not these by expression',
      [
        policy({
          podSelector: {
            matchExpressions: [{ key: 'control-plane', operator: 'NotIn', values: ['controller-manager'] }],
          },
        }),
      ],
      'yes',
    ],
    ['another namespace', [policy({ podSelector: {} }, { namespace: 'observability' })], 'yes'],
    ['egress only', [policy({ podSelector: {}, policyTypes: ['Egress'] })], 'yes'],
    ['both', [policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })], 'no'],
    ['no types: ingress, also where only egress rules are there', [policy({ podSelector: {}, egress: [{}] })], 'no'],
    ['empty types are no types', [policy({ podSelector: {}, policyTypes: [] })], 'no'],
  ])('%s', (_, policies, allowed) => {
    expect(passage('ingress', scrape, policies).allowed).toBe(allowed)
  })

  it.each<[what: string, spec: Spec, allowed: string]>([
    ['no types and no egress rules: not about egress', { podSelector: {} }, 'yes'],
    ['no types and an empty list of egress rules', { podSelector: {}, egress: [] }, 'yes'],
    ['no types and egress rules', { podSelector: {}, egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] }, 'no'],
    ['egress closed', { podSelector: {}, policyTypes: ['Egress'] }, 'no'],
    ['ingress closed', { podSelector: {}, policyTypes: ['Ingress'] }, 'yes'],
    ['egress to everywhere', { podSelector: {}, egress: [{}] }, 'yes'],
    ['egress to the port', { podSelector: {}, egress: [{ ports: [{ port: 8080 }] }] }, 'yes'],
    [
      'egress to the name of a port is about the receiver’s containers',
      { podSelector: {}, egress: [{ ports: [{ port: 'metrics' }] }] },
      'yes',
    ],
    [
      'egress to the namespace',
      { podSelector: {}, egress: [{ to: [{ namespaceSelector: { matchLabels: operator.namespaceLabels ?? {} } }] }] },
      'yes',
    ],
    ['egress within the namespace', { podSelector: {}, egress: [{ to: [{ podSelector: {} }] }] }, 'no'],
    ['egress to a block', { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/24' } }] }] }, 'yes'],
    [
      'an ingress rule’s peers say nothing of egress',
      { podSelector: {}, policyTypes: ['Egress'], ingress: [{}] },
      'no',
    ],
  ])('egress of the sender: %s', (_, spec, allowed) => {
    expect(passage('egress', scrape, [policy(spec, { namespace: 'observability' })]).allowed).toBe(allowed)
  })
})

describe('whom a rule lets in', () => {
  it.each<[what: string, spec: Spec, allowed: string]>([
    ['an empty rule: everybody', { podSelector: {}, ingress: [{}] }, 'yes'],
    ['an empty list of peers: everybody', from(), 'yes'],
    ['a pod selector alone is about the policy’s namespace', from({ podSelector: {} }), 'no'],
    ['all namespaces', from({ namespaceSelector: {} }), 'yes'],
    ['the namespace by label', from({ namespaceSelector: { matchLabels: { team: 'platform' } } }), 'yes'],
    ['another namespace', from({ namespaceSelector: { matchLabels: { team: 'web' } } }), 'no'],
    [
      'both: these pods of that namespace',
      from({
        namespaceSelector: { matchLabels: { team: 'platform' } },
        podSelector: { matchLabels: { app: 'prometheus' } },
      }),
      'yes',
    ],
    [
      'both, and other pods',
      from({ namespaceSelector: { matchLabels: { team: 'platform' } }, podSelector: { matchLabels: { app: 'web' } } }),
      'no',
    ],
    [
      'both, and another namespace',
      from({ namespaceSelector: { matchLabels: { team: 'web' } }, podSelector: {} }),
      'no',
    ],
    [
      'two peers are an or',
      from(
        { namespaceSelector: { matchLabels: { team: 'platform' } } },
        { podSelector: { matchLabels: { app: 'web' } } },
      ),
      'yes',
    ],
    ['a peer that names nothing', from({}), 'no'],
    [
      'a selector that does not parse',
      from({ namespaceSelector: { matchExpressions: [{ key: 'x', operator: '=' }] } }),
      'no',
    ],
    ['a block', block('10.0.1.0/24'), 'yes'],
    ['a block but for an exception', block('10.0.0.0/8', '10.0.1.0/28'), 'no'],
    ['a block whose exception is elsewhere', block('10.0.0.0/8', '10.9.0.0/16'), 'yes'],
    ['another block', block('192.168.0.0/16'), 'no'],
    ['everywhere but here, in IPv6 as well', block('0.0.0.0/0', '10.0.1.9/32'), 'no'],
    ['a block of IPv6', block('fd00::/64'), 'yes'],
    ['one address', block('10.0.1.9/32'), 'yes'],
    ['what is no block', block('10.0.1.9'), 'no'],
    ['more bits than there are', block('10.0.1.9/33'), 'no'],
  ])('%s', (_, spec, allowed) => {
    expect(ingress(spec)).toBe(allowed)
  })
})

describe('what ports a rule opens', () => {
  it.each<[what: string, ports: readonly NetworkPolicyPort[], allowed: string]>([
    ['an empty list: all', [], 'yes'],
    ['the port', [{ port: 8080 }], 'yes'],
    ['another', [{ port: 9443 }], 'no'],
    ['one of two', [{ port: 9443 }, { port: 8080 }], 'yes'],
    ['the port of another protocol', [{ port: 8080, protocol: 'UDP' }], 'no'],
    ['a protocol and no port', [{ protocol: 'TCP' }], 'yes'],
    ['another protocol and no port', [{ protocol: 'UDP' }], 'no'],
    ['a range', [{ port: 8000, endPort: 8999 }], 'yes'],
    ['a range that ends with it', [{ port: 8000, endPort: 8080 }], 'yes'],
    ['a range that ends before', [{ port: 8000, endPort: 8079 }], 'no'],
    ['a name of the receiver’s containers', [{ port: 'metrics' }], 'yes'],
    ['a name that nobody declares', [{ port: 'http-metrics' }], 'no'],
    ['a name of another port', [{ port: 'dns', protocol: 'UDP' }], 'no'],
    ['a number in a text is a name', [{ port: '8080' }], 'no'],
  ])('%s', (_, ports, allowed) => {
    expect(ingress(onPorts(...ports))).toBe(allowed)
  })

  it('a rule’s peers and ports hold together: one that fits of each of two rules opens nothing', () => {
    const peers = [{ namespaceSelector: { matchLabels: { team: 'platform' } } }]
    const spec = (...rules: NonNullable<Spec['ingress']>): Spec => ({ podSelector: {}, ingress: rules })
    expect(
      ingress(spec({ from: peers, ports: [{ port: 9443 }] }, { from: [{ podSelector: {} }], ports: [{ port: 8080 }] })),
    ).toBe('no')
    expect(ingress(spec({ from: peers, ports: [{ port: 8080 }] }))).toBe('yes')
  })
})

describe('what is not known', () => {
  const asked = (spec: Spec, parts: Partial<PodEnd>) =>
    passage('ingress', { ...scrape, from: { ...prometheus, ...parts } }, [policy(spec)]).allowed
  const byTeam = from({ namespaceSelector: { matchLabels: { team: 'platform' } } })
  const byName = (name: string) => from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } })

  it.each<[what: string, spec: Spec, parts: Partial<PodEnd>, allowed: string]>([
    ['labels of the namespace', byTeam, { namespaceLabels: undefined }, 'unknown'],
    ['but its name is a label', byName('observability'), { namespaceLabels: undefined }, 'yes'],
    ['and so is another’s', byName('web'), { namespaceLabels: undefined }, 'no'],
    [
      'nor does a label matter beside a wrong name',
      from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web', team: 'platform' } } }),
      { namespaceLabels: undefined },
      'no',
    ],
    [
      'nor beside other pods',
      from({ namespaceSelector: { matchLabels: { team: 'platform' } }, podSelector: { matchLabels: { app: 'web' } } }),
      { namespaceLabels: undefined },
      'no',
    ],
    ['the address of a pod that is not there yet', block('10.0.0.0/8'), { addresses: [] }, 'unknown'],
    ['whether a selector is taken to mean a pod in its node’s network', byTeam, { hostNetwork: true }, 'unknown'],
    ['not what its address says', block('10.0.1.0/24'), { hostNetwork: true }, 'yes'],
    [
      'an unknown beside what opens',
      { podSelector: {}, ingress: [...(byTeam.ingress ?? []), {}] },
      { namespaceLabels: undefined },
      'yes',
    ],
  ])('%s', (_, spec, parts, allowed) => {
    expect(asked(spec, parts)).toBe(allowed)
  })

  it('a pod in its node’s network is outside of policies', () => {
    const inHost = { ...operator, hostNetwork: true }
    expect(passage('ingress', { ...scrape, to: inHost }, [policy({ podSelector: {} })]).allowed).toBe('yes')
  })
})

it('says which policies select the pod, by name, and what each lets through', () => {
  const policies = [
    policy(
      {
        podSelector: {},
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: 'web' } }, namespaceSelector: {} }], ports: [{ port: 9443 }] },
          {
            from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.1.0/24'] } }],
            ports: [{ port: 8000, endPort: 8100 }, { protocol: 'UDP' }],
          },
        ],
      },
      { name: 'webhook' },
    ),
    policy({ podSelector: {} }, { name: 'default-deny' }),
    policy({ podSelector: { matchLabels: { app: 'web' } } }, { name: 'others' }),
  ]
  expect(
    passage('ingress', scrape, policies).selecting.map(({ policy: { metadata }, lets }) => [metadata.name, lets]),
  ).toEqual([
    ['default-deny', 'nothing'],
    [
      'webhook',
      'TCP 9443 from pods app=web in namespaces (all); TCP 8000-8100, UDP all ports from 10.0.0.0/8 except 10.0.1.0/24',
    ],
  ])
})

describe('properties', () => {
  const labels = fc.dictionary(fc.constantFrom('app', 'team'), fc.constantFrom('a', 'b'), { maxKeys: 2 })
  const requirement = fc.oneof(
    fc.record({
      key: fc.constantFrom('app', 'team'),
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.constant(['a']),
    }),
    fc.record({ key: fc.constantFrom('app', 'team'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  )
  const selector = fc.record(
    { matchLabels: labels, matchExpressions: fc.array(requirement, { maxLength: 1 }) },
    { requiredKeys: [] },
  )
  const cidr = fc.constantFrom('10.0.0.0/8', '10.0.1.0/24', '192.168.0.0/16', 'fd00::/8', 'no block')
  const peer = fc.oneof(
    fc.record({ podSelector: selector, namespaceSelector: selector }, { requiredKeys: [] }),
    fc.record({ ipBlock: fc.record({ cidr, except: fc.array(cidr, { maxLength: 1 }) }) }),
  )
  const port = fc.record(
    {
      port: fc.constantFrom<number | string>(8080, 9443, 'metrics'),
      endPort: fc.constantFrom(8081, 9999),
      protocol: fc.constantFrom('TCP', 'UDP'),
    },
    { requiredKeys: [] },
  )
  const peers = fc.array(peer, { maxLength: 2 })
  const rule = fc.record({ from: peers, to: peers, ports: fc.array(port, { maxLength: 2 }) }, { requiredKeys: [] })
  const rules = fc.array(rule, { maxLength: 3 })
  const policies = fc.array(
    fc.record({
      apiVersion: fc.constant('networking.k8s.io/v1'),
      kind: fc.constant('NetworkPolicy'),
      metadata: fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        namespace: fc.constantFrom('inference', 'observability', 'web'),
      }),
      spec: fc.record(
        { podSelector: selector, ingress: rules, egress: rules, policyTypes: fc.subarray(['Ingress', 'Egress']) },
        { requiredKeys: [] },
      ),
    }),
    { maxLength: 4 },
  )
  const end = (base: PodEnd) =>
    fc.record({
      ...Object.fromEntries(Object.entries(base).map(([key, value]) => [key, fc.constant(value)])),
      labels,
      namespaceLabels: fc.option(labels, { nil: undefined }),
      hostNetwork: fc.boolean(),
    }) as fc.Arbitrary<PodEnd>
  const connection: fc.Arbitrary<Connection> = fc.record({
    from: end(prometheus),
    to: end(operator),
    protocol: fc.constant('TCP' as const),
    port: fc.constantFrom(8080, 9443),
  })
  const direction = fc.constantFrom<Direction>('ingress', 'egress')
  const rank = { no: 0, unknown: 1, yes: 2 }

  it('order does not matter', () => {
    fc.assert(
      fc.property(direction, connection, policies, (side, scraped, some) => {
        expect(passage(side, scraped, some.toReversed()).allowed).toBe(passage(side, scraped, some).allowed)
      }),
    )
  })

  it('one more rule never closes anything', () => {
    fc.assert(
      fc.property(direction, connection, policies, rule, (side, scraped, some, added) => {
        // Egress rules make a policy without types one about egress: with types spelled out a rule only adds.
        const typed = some.map(one => ({ ...one, spec: { ...one.spec, policyTypes: ['Ingress', 'Egress'] } }))
        const more = typed.map(one => ({ ...one, spec: { ...one.spec, [side]: [...(one.spec[side] ?? []), added] } }))
        const [before, after] = [typed, more].map(each => rank[passage(side, scraped, each).allowed])
        expect(after).toBeGreaterThanOrEqual(before ?? 0)
      }),
    )
  })

  it('one more policy opens nothing that no policy closed, and what many close each of them closes', () => {
    fc.assert(
      fc.property(direction, connection, policies, (side, scraped, some) => {
        const whole = passage(side, scraped, some)
        if (whole.allowed !== 'no') return
        expect(whole.selecting.length).toBeGreaterThan(0)
        for (const { policy: one } of whole.selecting) expect(passage(side, scraped, [one]).allowed).toBe('no')
      }),
    )
  })

  it('what is not known is never more than a guess: each way of knowing it is between', () => {
    fc.assert(
      fc.property(connection, policies, labels, (scraped, some, known) => {
        const blind = { ...scraped, from: { ...scraped.from, namespaceLabels: undefined } }
        const seeing = { ...scraped, from: { ...scraped.from, namespaceLabels: known } }
        const guess = passage('ingress', blind, some).allowed
        if (guess !== 'unknown') expect(passage('ingress', seeing, some).allowed).toBe(guess)
      }),
    )
  })

  it('a rule for exactly this connection opens it, whatever else there is', () => {
    fc.assert(
      fc.property(connection, policies, (scraped, some) => {
        if (scraped.from.hostNetwork) return
        const own = policy({
          podSelector: {},
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [
                {
                  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } },
                  podSelector: { matchLabels: scraped.from.labels },
                },
              ],
              ports: [{ port: scraped.port, protocol: 'TCP' }],
            },
          ],
        })
        expect(passage('ingress', scraped, [...some, own]).allowed).toBe('yes')
      }),
    )
  })
})

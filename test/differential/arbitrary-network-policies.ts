import fc from 'fast-check'
import type { Connection, PodEnd } from '../../src/kubernetes/network-policy.ts'
import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyRule } from '../../src/model/kubernetes.ts'

/** Few names and numbers, so that policies, pods and ports meet. */
export const namespaces = ['policed-a', 'policed-b'] as const

type Labels = Readonly<Record<string, string>>

const key = fc.constantFrom('app', 'tier')
const value = fc.constantFrom('web', 'db')
const labels: fc.Arbitrary<Labels> = fc.dictionary(key, value, { maxKeys: 2 })
const namespaceLabels: Readonly<Record<(typeof namespaces)[number], Labels>> = {
  'policed-a': { team: 'one', 'kubernetes.io/metadata.name': 'policed-a' },
  'policed-b': { team: 'two', tier: 'db', 'kubernetes.io/metadata.name': 'policed-b' },
}
const inNamespaces = {
  keys: fc.constantFrom('team', 'tier', 'kubernetes.io/metadata.name'),
  values: fc.constantFrom('one', 'two', 'db', 'policed-a'),
}

/** Without NotIn: of what has no such label cyclonus says another thing than Kubernetes, see the README. */
const selectorOf = (keys: fc.Arbitrary<string>, values: fc.Arbitrary<string>): fc.Arbitrary<LabelSelector> =>
  fc.record(
    {
      matchLabels: fc.dictionary(keys, values, { maxKeys: 2 }),
      matchExpressions: fc.array(
        fc.oneof(
          fc.record({
            key: keys,
            operator: fc.constant('In' as const),
            values: fc.uniqueArray(values, { minLength: 1, maxLength: 2 }),
          }),
          fc.record({ key: keys, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
        ),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: [] },
  )

const podSelector = selectorOf(key, value)
const namespaceSelector = selectorOf(inNamespaces.keys, inNamespaces.values)
const ipBlock = fc.oneof(
  fc.record({
    cidr: fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '0.0.0.0/0'),
    except: fc.uniqueArray(fc.constantFrom('10.1.2.0/24', '10.1.2.4/32'), { maxLength: 1 }),
  }),
  fc.constant({ cidr: '10.1.2.4/32' }),
)
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector }),
  fc.record({ namespaceSelector }),
  fc.record({ podSelector, namespaceSelector }),
  fc.record({ ipBlock }),
)

const protocol = fc.option(fc.constantFrom('TCP' as const, 'UDP' as const), { nil: undefined })
const port = fc.oneof(
  fc.record({ protocol }, { requiredKeys: [] }),
  fc.record({ protocol, port: fc.constantFrom<number | string>(8080, 9443, 'metrics', 'webhook') }),
  fc.record({ protocol, port: fc.constantFrom(80, 8080), endPort: fc.constantFrom(8080, 9000) }),
)
const listOf = <T>(one: fc.Arbitrary<T>) => fc.option(fc.array(one, { maxLength: 2 }), { nil: undefined })
const rulesOf = (side: 'from' | 'to'): fc.Arbitrary<readonly NetworkPolicyRule[] | undefined> =>
  listOf(fc.record({ ports: listOf(port), [side]: listOf(peer) }).map(rule => rule as NetworkPolicyRule))

const policy = (name: string): fc.Arbitrary<NetworkPolicy> =>
  fc
    .record({
      namespace: fc.constantFrom(...namespaces),
      spec: fc.record({
        podSelector,
        policyTypes: fc.constantFrom(undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
        ingress: rulesOf('from'),
        egress: rulesOf('to'),
      }),
    })
    .map(({ namespace, spec }) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace },
      spec: spec as NonNullable<NetworkPolicy['spec']>,
    }))

const pod: fc.Arbitrary<PodEnd> = fc
  .record({
    namespace: fc.constantFrom(...namespaces),
    labels,
    address: fc.constantFrom('10.1.2.3', '10.1.2.4', '10.9.0.1', '172.16.0.1'),
  })
  .map(({ namespace, labels: own, address }) => ({
    namespace,
    namespaceLabels: namespaceLabels[namespace],
    labels: own,
    addresses: [address],
    hostNetwork: false,
    containers: [
      {
        name: 'manager',
        ports: [
          { name: 'metrics', containerPort: 8080 },
          { name: 'webhook', containerPort: 9443, protocol: 'TCP' },
        ],
      },
    ],
  }))

export const arbitraryConnection: fc.Arbitrary<Connection> = fc.record({
  from: pod,
  to: pod,
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
  port: fc.constantFrom(8080, 9443, 7000),
})

/** Policies that the API server takes, of one world. */
export const arbitraryPolicies = (world: string): fc.Arbitrary<readonly NetworkPolicy[]> =>
  fc.tuple(...[0, 1, 2].map(at => policy(`${world}-${at}`)))

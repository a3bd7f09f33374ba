import type { FactReader } from './fact-reader.ts'
import { waysOf } from './ways.ts'

/** Policies that networks have beside the standard ones, by the group that serves them. */
const products = [
  { product: 'Cilium', group: 'cilium.io/v2', kinds: ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'] },
  { product: 'Calico', group: 'crd.projectcalico.org/v1', kinds: ['networkpolicies', 'globalnetworkpolicies'] },
  { product: 'Antrea', group: 'crd.antrea.io/v1beta1', kinds: ['networkpolicies', 'clusternetworkpolicies'] },
  {
    product: 'the cluster’s administrator',
    group: 'policy.networking.k8s.io/v1alpha1',
    kinds: ['adminnetworkpolicies', 'baselineadminnetworkpolicies'],
  },
  {
    product: 'the cluster’s administrator',
    group: 'policy.networking.k8s.io/v1alpha2',
    kinds: ['clusternetworkpolicies'],
  },
] as const

/** One request a product, and only where a target is not reached: what they say is not evaluated, only that they are there. */
export const otherPolicies: FactReader<'otherPolicies'> = async context => {
  const ways = await waysOf(context)
  if (!ways.ok) return ways
  if (ways.value.every(({ unreached }) => unreached.length === 0)) return { ok: true, value: [] }
  const served = await Promise.all(products.map(({ group }) => context.cluster.resources(group)))
  const refused = served.find(read => !read.ok)
  if (refused && !refused.ok) return refused
  return {
    ok: true,
    value: products.flatMap(({ product, group, kinds }, index) => {
      const read = served[index]
      const there = read?.ok ? kinds.filter(kind => read.value.includes(kind)) : []
      return there.length > 0 ? [{ product, kinds: there.map(kind => `${kind}.${group.split('/')[0]}`) }] : []
    }),
  }
}

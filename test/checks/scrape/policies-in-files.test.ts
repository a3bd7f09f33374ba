import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { openManifests } from '../../../src/cluster/manifests.ts'
import type { KubernetesObject, NetworkPolicy } from '../../../src/model/kubernetes.ts'
import { run } from '../../../src/run.ts'
import { deployment, prometheus, service, serviceMonitor } from '../../engine/world.ts'
import { denyAll, denyEgress, observability, policy } from './policies.ts'

const rendered: readonly KubernetesObject[] = [deployment, service, serviceMonitor, prometheus]

/** What the doctor says of files before they are deployed: the check's outcome, and the policies it names. */
const judge = async (...more: readonly KubernetesObject[]) => {
  const text = [...rendered, ...more].map(object => stringify(object)).join('---\n')
  const cluster = openManifests({ files: [{ name: 'rendered.yaml', text }] })
  const { diagnosis } = await run(cluster, {
    narrowing: { fallbackNamespaces: [] },
    only: ['scrape-reachable'],
    skip: [],
  })
  const own = diagnosis.outcomes.find(({ id }) => id === 'scrape-reachable')
  return [own?.result.outcome, ...diagnosis.causes.map(({ root }) => root.subject.name)].join(' ')
}

const letsIn = (labels: Readonly<Record<string, string>>): NetworkPolicy =>
  policy('metrics', {
    podSelector: { matchLabels: { 'control-plane': 'controller-manager' } },
    ingress: [
      {
        from: [
          {
            namespaceSelector: { matchLabels: labels },
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
          },
        ],
        ports: [{ port: 'metrics' }],
      },
    ],
  })
const byName = letsIn({ 'kubernetes.io/metadata.name': 'observability' })
const byTeam = letsIn({ team: 'platform' })

it.each<[what: string, more: readonly KubernetesObject[], wanted: string]>([
  ['no policy: what else the cluster has is not in the files', [], 'skipped'],
  ['a policy that closes all', [denyAll], 'failed default-deny'],
  ['beside it one that lets Prometheus in by its namespace’s name', [denyAll, byName], 'passed'],
  ['beside it one that asks for a label of a namespace that is not in the files', [denyAll, byTeam], 'skipped'],
  ['of one that is, and has it', [denyAll, byTeam, observability({ team: 'platform' })], 'passed'],
  ['of one that is, and has another', [denyAll, byTeam, observability({ team: 'web' })], 'failed default-deny'],
  [
    'a block of addresses that only pods will have',
    [policy('block', { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] })],
    'skipped',
  ],
  ['Prometheus may not go out', [denyEgress], 'failed no-way-out'],
  ['a policy of other pods', [policy('web', { podSelector: { matchLabels: { app: 'web' } } })], 'passed'],
])('in files: %s', async (_, more, wanted) => {
  expect(await judge(...more)).toBe(wanted)
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Connection, type PodEnd, passage } from '../../src/kubernetes/network-policy.ts'
import type { NetworkPolicy } from '../../src/model/kubernetes.ts'
import { kubectl } from '../lab/api.ts'
import { programOnDemand } from '../lab/programs.ts'
import { kubectlWith } from '../lab/tools.ts'
import { expectAgreement } from './agreement.ts'
import { arbitraryConnection, arbitraryPolicies, namespaces } from './arbitrary-network-policies.ts'
import { many, seed } from './seed.ts'

const worlds = many(200, at =>
  fc.record({
    name: fc.constant(`w${at}`),
    policies: arbitraryPolicies(`w${at}`),
    connections: fc.array(arbitraryConnection, { minLength: 8, maxLength: 8 }),
  }),
)
const asked = worlds.flatMap(world => world.connections.map(connection => ({ ...world, connection })))

/** Of the policies of both sides, as they were written. */
const ours = (policies: readonly NetworkPolicy[], connection: Connection): boolean =>
  (['ingress', 'egress'] as const).every(direction => passage(direction, connection, policies).allowed === 'yes')

// Building it takes minutes: only with --all.
describe.runIf(process.env.E2E_ALL === '1')(`NetworkPolicies against cyclonus (seed ${seed}, with --all)`, () => {
  let cyclonus = ''
  let folder = ''

  beforeAll(async () => {
    cyclonus = await programOnDemand('cyclonus', line => process.stderr.write(`${line}\n`))
    folder = await mkdtemp(join(tmpdir(), 'policies-'))
    for (const name of namespaces) await kubectl('create', 'namespace', name)
  }, 3_600_000)

  afterAll(async () => {
    await kubectl('delete', 'namespace', ...namespaces)
    await rm(folder, { recursive: true })
  })

  it('lets the same connections pass', async () => {
    const policies = join(folder, 'policies.json')
    const traffic = join(folder, 'traffic.json')
    const filledIn = await fillIn(worlds.flatMap(world => world.policies))
    await writeFile(policies, JSON.stringify(listOf(filledIn.map(inOwnNamespace))))
    await writeFile(traffic, JSON.stringify(asked.map(({ name, connection }) => trafficOf(name, connection))))
    const how = ['--mode', 'query-traffic', '--policy-path', policies, '--traffic-path', traffic]
    const { stdout } = await execa(cyclonus, ['analyze', ...how, '--simplify-policies=false'])
    const theirs = [...stdout.matchAll(/IS ALLOWED\?\s*\|\s*(TRUE|FALSE)/g)].map(([, word]) => word === 'TRUE')
    expect(theirs.length).toBe(asked.length)
    const answers = asked.map(({ policies: own, connection }, at) => ({
      theirs: theirs[at] ?? false,
      ours: ours(own, connection),
      policies: own,
      connection,
    }))
    expectAgreement(answers.filter(answer => answer.theirs !== answer.ours))
    const allowed = theirs.filter(Boolean).length
    expect(Math.min(allowed, theirs.length - allowed)).toBeGreaterThan(theirs.length / 5)
  })
})

const listOf = (items: readonly object[]) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicyList', items })

/** As the API server would store them: it checks them, and fills in what was left out. */
const fillIn = async (policies: readonly NetworkPolicy[]): Promise<readonly NetworkPolicy[]> => {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: policies })
  const stored = await kubectlWith(list, 'apply', '--server-side', '--dry-run=server', '-o', 'json', '-f', '-')
  const { items } = JSON.parse(stored) as { readonly items: readonly NetworkPolicy[] }
  return items
}

/** The worlds lie beside each other, each in namespaces of its own. */
const placed = (world: string, namespace: string): string => `${world}-${namespace}`

const inOwnNamespace = ({ apiVersion, kind, metadata, spec }: NetworkPolicy) => {
  const { name, namespace = '' } = metadata
  return { apiVersion, kind, metadata: { name, namespace: placed(name.split('-')[0] ?? '', namespace) }, spec }
}

const trafficOf = (world: string, { from, to, protocol, port }: Connection) => {
  const end = ({ namespace, namespaceLabels, labels, addresses }: PodEnd) => ({
    Internal: { Namespace: placed(world, namespace), NamespaceLabels: namespaceLabels, PodLabels: labels },
    IP: addresses[0],
  })
  const named = to.containers
    .flatMap(({ ports = [] }) => ports)
    .find(declared => declared.containerPort === port && (declared.protocol ?? 'TCP') === protocol)
  return {
    Source: end(from),
    Destination: end(to),
    ResolvedPort: port,
    ResolvedPortName: named?.name ?? '',
    Protocol: protocol,
  }
}

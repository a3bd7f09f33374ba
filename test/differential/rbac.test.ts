import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillAggregated, judgeAccess, type Policy, type ServiceAccount } from '../../src/kubernetes/rbac.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Access, Role, RoleBinding } from '../../src/model/rbac.ts'
import { kubectl, waitFor } from '../lab/api.ts'
import { send } from '../lab/cluster.ts'
import { kubectlWith } from '../lab/tools.ts'
import { expectAgreement } from './agreement.ts'
import { arbitraryPolicy, arbitraryQuestion, namespaces, prefix } from './arbitrary-policies.ts'
import { seed } from './seed.ts'

/** A few worlds of roles and bindings one after the other, a few hundred questions to each. */
const worlds = fc.sample(arbitraryPolicy, { numRuns: 4, seed })
const questions = fc.sample(arbitraryQuestion, { numRuns: 250, seed })

describe(`RBAC against the real API server (seed ${seed})`, () => {
  const seen: boolean[] = []

  beforeAll(async () => {
    await removeOwn()
    for (const name of namespaces) await kubectl('create', 'namespace', name)
  })

  afterAll(async () => {
    await removeOwn()
    await kubectl('delete', 'namespace', ...namespaces, '--wait=false')
  })

  it.each(worlds.map((world, index) => [index, world] as const))(
    'allows and refuses the same: world %i',
    async (_, world) => {
      await removeOwn()
      await kubectlWith(
        listOf([...world.roles, ...world.bindings]),
        'apply',
        '--server-side',
        '--force-conflicts',
        '-f',
        '-',
      )
      await waitFor(() => isFilledIn(world.roles), { what: 'the controller to fill in what aggregates' })
      const live = await policyThere()
      const offline: Policy = {
        roles: [...live.roles.filter(role => !isOwn(role)), ...fillAggregated(world.roles)],
        bindings: [...live.bindings.filter(binding => !isOwn(binding)), ...world.bindings],
      }
      const answers = await Promise.all(
        questions.map(async ({ account, asked }) => {
          const ours = [live, offline].map(policy => judgeAccess(policy, account, asked).allowed)
          return { account, asked, ours, theirs: await review(account, asked) }
        }),
      )
      expectAgreement(answers.filter(({ ours, theirs }) => ours.some(allowed => allowed !== theirs)))
      seen.push(...answers.map(({ theirs }) => theirs))
    },
  )

  it('both answers were seen often', () => {
    const allowed = seen.filter(theirs => theirs).length
    expect(Math.min(allowed, seen.length - allowed)).toBeGreaterThan(60)
  })
})

/** The authorizer's own answer. It stores nothing. */
const review = async ({ namespace, name }: ServiceAccount, asked: Access): Promise<boolean> => {
  const spec = {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    ...attributesOf(asked),
  }
  const answered = await send<{ readonly status: { readonly allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
  )
  return answered.status.allowed
}

const attributesOf = (asked: Access): object => {
  if (asked.path !== undefined) return { nonResourceAttributes: asked }
  const [resource, subresource] = asked.resource.split('/')
  return { resourceAttributes: { ...asked, resource, subresource } }
}

const policyThere = async (): Promise<Policy> => {
  const { items } = JSON.parse(await kubectl('get', kinds, '-A', '-o', 'json')) as {
    readonly items: KubernetesObject[]
  }
  return {
    roles: items.filter(({ kind }) => kind.endsWith('Role')) as Role[],
    bindings: items.filter(({ kind }) => kind.endsWith('Binding')) as RoleBinding[],
  }
}

const kinds = 'clusterroles,clusterrolebindings,roles,rolebindings'

const isOwn = ({ metadata }: KubernetesObject): boolean => metadata.name.startsWith(prefix)

const isFilledIn = async (wanted: readonly Role[]): Promise<boolean> => {
  const { roles } = await policyThere()
  return fillAggregated(wanted)
    .filter(({ aggregationRule }) => aggregationRule)
    .every(({ metadata, rules }) => {
      const found = roles.find(({ kind, metadata: { name } }) => kind === 'ClusterRole' && name === metadata.name)
      return distinct(found?.rules ?? []) === distinct(rules ?? [])
    })
}

const distinct = (rules: readonly object[]): number =>
  new Set(
    rules.map(rule =>
      JSON.stringify(
        Object.entries(rule)
          .filter(([, value]) => value.length > 0)
          .sort(),
      ),
    ),
  ).size

/** The controller that fills in what aggregates may bring a ClusterRole back that was just deleted. */
const removeOwn = async (): Promise<void> => {
  await waitFor(
    async () => {
      const { roles, bindings } = await policyThere()
      const own = [...roles, ...bindings].filter(isOwn)
      if (own.length > 0) await kubectlWith(listOf(own), 'delete', '--ignore-not-found', '-f', '-')
      return own.length === 0
    },
    { what: 'the roles and bindings to be gone' },
  )
}

const listOf = (items: readonly KubernetesObject[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

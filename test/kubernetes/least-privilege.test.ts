import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rights } from '../../src/facts/rights.ts'
import { leastPrivilege } from '../../src/kubernetes/least-privilege.ts'
import { judgeAccess, type Policy } from '../../src/kubernetes/rbac.ts'
import type { Access, Right, Role, RoleBinding } from '../../src/model/rbac.ts'

const account = { namespace: 'tools', name: 'doctor' }
const some = fc.subarray([...rights], { minLength: 1 })

const policyOf = (granted: readonly Right[], namespaces: readonly string[]): Policy => {
  const objects = leastPrivilege(granted, { account, namespaces }).map(({ object }) => object)
  return {
    roles: objects.filter(({ kind }) => kind.endsWith('Role')) as Role[],
    bindings: objects.filter(({ kind }) => kind.endsWith('Binding')) as RoleBinding[],
  }
}

const accessOf = ({ verb, path, ...right }: Right, namespace?: string): Access =>
  path === undefined && right.resource !== undefined
    ? {
        verb,
        group: right.group,
        resource: right.resource,
        ...(right.name === undefined ? {} : { name: right.name }),
        ...(namespace === undefined || right.scope === 'cluster' ? {} : { namespace }),
      }
    : { verb, path: `${path}`.replace('*', 'apps/v1') }

const may = (policy: Policy, asked: Access): boolean => judgeAccess(policy, account, asked).allowed

describe('leastPrivilege', () => {
  it('grants what it is given, and nothing else of what is known', () => {
    fc.assert(
      fc.property(some, granted => {
        const policy = policyOf(granted, [])
        for (const right of rights) expect(may(policy, accessOf(right))).toBe(granted.includes(right))
      }),
    )
  })

  it('in namespaces, grants there what has one, and elsewhere only what has none', () => {
    const policy = policyOf(rights, ['inference', 'observability'])
    const isOfNamespaces = ({ resource }: Right) => resource === 'namespaces'
    for (const right of rights.filter(one => !isOfNamespaces(one))) {
      expect(may(policy, accessOf(right, 'inference'))).toBe(true)
      expect(may(policy, accessOf(right, 'other'))).toBe(right.scope === 'cluster')
      expect(may(policy, accessOf(right))).toBe(right.scope === 'cluster')
    }
    expect(may(policy, { verb: 'get', resource: 'namespaces', name: 'inference' })).toBe(true)
    expect(may(policy, { verb: 'get', resource: 'namespaces', name: 'other' })).toBe(false)
  })

  it('says of each rule what it is for, and repeats none', () => {
    for (const { object, reasons } of leastPrivilege(rights, { account, namespaces: ['inference'] })) {
      const rules = ('rules' in object ? object.rules : []) as readonly object[]
      expect(reasons.length).toBe(rules.length)
      expect(new Set(rules.map(rule => JSON.stringify(rule))).size).toBe(rules.length)
    }
  })

  it('asks for no verb that changes anything but what stores nothing', () => {
    const changing = rights.filter(({ verb }) => !['get', 'list'].includes(verb))
    expect(changing.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
      'create pods/portforward',
      'create subjectaccessreviews',
    ])
  })
})

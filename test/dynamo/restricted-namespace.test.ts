import { describe, expect, it } from 'vitest'
import { restrictedNamespace } from '../../src/dynamo/restricted-namespace.ts'
import { chain, release } from '../checks/stack/healthy-chain.ts'
import { deployment } from '../engine/world.ts'

const withArgs = (...args: readonly string[]) => {
  const template = deployment.spec?.template
  const containers = (template?.spec?.containers ?? []).map(container => ({ ...container, args }))
  return chain({
    workload: {
      ...deployment,
      spec: { ...deployment.spec, template: { ...template, spec: { ...template?.spec, containers } } },
    },
  })
}

const path = 'dynamo-operator.namespaceRestriction'
const enabled = { [`${path}.enabled`]: true }

describe('the namespace that an operator is kept to', () => {
  it.each([
    ['no values', {}, undefined],
    ['not enabled, with a target', { [`${path}.enabled`]: false, [`${path}.targetNamespace`]: 'team-a' }, undefined],
    ['enabled', enabled, 'inference'],
    ['enabled, with an empty target', { ...enabled, [`${path}.targetNamespace`]: '' }, 'inference'],
    ['enabled, with a target', { ...enabled, [`${path}.targetNamespace`]: 'team-a' }, 'team-a'],
  ])('by the values of its release: %s', (_, values, namespace) => {
    expect(restrictedNamespace(chain(), release(values))).toBe(namespace)
  })

  it('by its flag, whatever is known of a release', () => {
    const flagged = withArgs('--leader-elect', '--restrictedNamespace=team-b')
    expect(restrictedNamespace(flagged, undefined)).toBe('team-b')
    expect(restrictedNamespace(flagged, release())).toBe('team-b')
  })

  it('is not known without either', () => {
    expect(restrictedNamespace(withArgs('--leader-elect'), undefined)).toBeUndefined()
  })
})

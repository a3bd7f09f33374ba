import { expect, it } from 'vitest'
import { kinds } from '../../src/facts/kinds.ts'
import { pluralOf } from '../../src/kubernetes/plural-of.ts'

it.each<readonly [kind: string, resource: string]>([
  ...Object.values(kinds).map(({ kind, resource }) => [kind, resource] as const),
  ['ServiceAccount', 'serviceaccounts'],
  ['Gateway', 'gateways'],
])('%s -> %s', (kind, resource) => expect(pluralOf(kind)).toBe(resource))

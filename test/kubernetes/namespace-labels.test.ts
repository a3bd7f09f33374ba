import { describe, expect, it } from 'vitest'
import { labelsIncomplete, namespaceLabels } from '../../src/kubernetes/namespace-labels.ts'
import type { Namespace, ObjectMeta } from '../../src/model/kubernetes.ts'
import type { Listing, Read } from '../../src/model/read.ts'

const namespace = (metadata: ObjectMeta): Namespace => ({ apiVersion: 'v1', kind: 'Namespace', metadata })
const read = (...items: readonly Namespace[]): Read<Listing<Namespace>> => ({ ok: true, value: { items, unread: [] } })
const refused: Read<Listing<Namespace>> = {
  ok: false,
  unavailable: { why: 'forbidden', verb: 'list', resource: 'namespaces', message: 'no' },
}
const labels = { team: 'serving' }

describe('namespaceLabels', () => {
  it.each<[what: string, namespaces: Read<Listing<Namespace>>, found: object | undefined]>([
    ['its labels', read(namespace({ name: 'observability' }), namespace({ name: 'inference', labels })), labels],
    ['none', read(namespace({ name: 'inference' })), {}],
    ['unknown, where it was not read', read(namespace({ name: 'observability', labels })), undefined],
    ['unknown, where nothing was read', refused, undefined],
    [
      'unknown, where not all of them are told',
      read(namespace({ name: 'inference', labels, annotations: { [labelsIncomplete]: 'true' } })),
      undefined,
    ],
  ])('%s', (_, namespaces, found) => {
    expect(namespaceLabels(namespaces, 'inference')).toEqual(found)
  })
})

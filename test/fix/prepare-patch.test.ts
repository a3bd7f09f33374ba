import { describe, expect, it } from 'vitest'
import { prepare } from '../../src/fix/prepare.ts'
import { refOf } from '../../src/kubernetes/object-ref.ts'
import type { Fix } from '../../src/model/fix.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeWorld } from './fake-world.ts'
import { release, selectsNothing } from './story.ts'

const monitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: {
    name: 'dyn-operator',
    namespace: 'inference',
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
    managedFields: [
      { manager: 'kubectl-edit', operation: 'Update' as const, fieldsV1: { 'f:spec': { 'f:endpoints': {} } } },
    ],
  },
  spec: { endpoints: [] },
}
const fix: Fix = {
  id: 'add-endpoint',
  title: 'Add an endpoint',
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: refOf(monitor),
      type: 'merge',
      patch: { spec: { endpoints: [{ port: 'guessed' }] } },
      orRendered: '/spec/endpoints',
    },
  ],
  lasts: 'Yes.',
  verify: [],
}

const prepared = (rendered: object) => {
  const manifest = JSON.stringify({ ...monitor, spec: rendered })
  const world = fakeWorld([monitor as KubernetesObject], { dyn: { ...release, manifest } })
  return prepare(world.writer, selectsNothing, fix, { charts: [], allowManaged: false, run: 'a1b2', now: '' })
}

describe('a patch of a field that a release renders', () => {
  it('puts back what the release renders: that is no more than drift', async () => {
    expect(await prepared({ endpoints: [{ port: 'metrics', interval: '15s' }] })).toMatchObject({
      risk: 'safe',
      writes: [{ changes: [{ path: '/spec/endpoints', is: [{ port: 'metrics', interval: '15s' }] }] }],
    })
  })

  it('is the patch itself where the release does not render the field', async () => {
    expect(await prepared({ selector: {} })).toMatchObject({
      risk: 'disruptive',
      writes: [{ changes: [{ path: '/spec/endpoints', is: [{ port: 'guessed' }] }] }],
    })
  })
})

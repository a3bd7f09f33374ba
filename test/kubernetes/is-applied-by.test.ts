import { describe, expect, it } from 'vitest'
import { isAppliedBy } from '../../src/kubernetes/is-applied-by.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'

const monitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  namespace: 'inference',
  name: 'dyn-operator',
}
const deployer = (kind: string, status?: object): KubernetesObject =>
  ({ apiVersion: 'x/v1', kind, metadata: { name: 'serving' }, ...(status ? { status } : {}) }) as KubernetesObject

describe('an Application', () => {
  const own = { group: 'monitoring.coreos.com', kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn-operator' }
  const lists = (...resources: readonly object[]) => deployer('Application', { resources })
  it.each([
    ['the object', lists({ kind: 'Service', name: 'x' }, own), true],
    ['one of another name', lists({ ...own, name: 'x' }), false],
    ['one of another group', lists({ ...own, group: undefined }), false],
    ['one of another namespace', lists({ ...own, namespace: 'y' }), false],
    ['one of another kind', lists({ ...own, kind: 'z' }), false],
    ['nothing', lists(), false],
    ['no list yet', deployer('Application'), undefined],
    ['what is no list', deployer('Application', { resources: 'all' }), undefined],
  ])('that lists %s', (_what, application, applied) => expect(isAppliedBy(application, monitor)).toBe(applied))

  it('lists what is of the core group without one', () => {
    const service = { apiVersion: 'v1', kind: 'Service', namespace: 'inference', name: 'dyn' }
    expect(isAppliedBy(lists({ version: 'v1', kind: 'Service', namespace: 'inference', name: 'dyn' }), service)).toBe(
      true,
    )
  })
})

describe('a Kustomization', () => {
  const holds = (...ids: readonly string[]) =>
    deployer('Kustomization', { inventory: { entries: ids.map(id => ({ id, v: 'v1' })) } })
  it.each([
    [
      'the object',
      holds('inference_dyn_apps_Deployment', 'inference_dyn-operator_monitoring.coreos.com_ServiceMonitor'),
      true,
    ],
    ['another', holds('inference_dyn_apps_Deployment'), false],
    ['nothing that it says', deployer('Kustomization', { inventory: {} }), undefined],
    ['no inventory yet', deployer('Kustomization'), undefined],
  ])('that holds %s', (_what, kustomization, applied) => expect(isAppliedBy(kustomization, monitor)).toBe(applied))

  it('writes a colon as two underscores, and no namespace as nothing', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'dyn:metrics' }
    expect(isAppliedBy(holds('_dyn__metrics_rbac.authorization.k8s.io_ClusterRole'), role)).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import {
  formatRef,
  kubectlName,
  kubectlNamespace,
  refOf,
  sameObject,
  serviceAccountRef,
} from '../../src/kubernetes/object-ref.ts'

const monitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  namespace: 'inference',
  name: 'dyn-x',
}
const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'reader' }

describe('sameObject', () => {
  it.each([
    ['itself', monitor, true],
    ['another version', { ...monitor, apiVersion: 'monitoring.coreos.com/v1beta1' }, true],
    ['another group', { ...monitor, apiVersion: 'azmonitoring.coreos.com/v1' }, false],
    ['the core group', { ...monitor, apiVersion: 'v1' }, false],
    ['another kind', { ...monitor, kind: 'PodMonitor' }, false],
    ['another namespace', { ...monitor, namespace: 'observability' }, false],
    ['another name', { ...monitor, name: 'dyn-y' }, false],
  ])('%s', (_, other, same) => {
    expect(sameObject(monitor, other)).toBe(same)
    expect(sameObject(other, monitor)).toBe(same)
  })
})

describe('names of objects', () => {
  it('are those of the object', () => {
    expect(refOf({ ...monitor, metadata: { namespace: 'inference', name: 'dyn-x', labels: {} } })).toEqual(monitor)
    expect(refOf({ ...role, metadata: { name: 'reader' } })).toEqual(role)
    expect(serviceAccountRef('observability', 'kps')).toMatchObject({ apiVersion: 'v1', kind: 'ServiceAccount' })
  })

  it.each([
    [monitor, 'ServiceMonitor inference/dyn-x', 'servicemonitor/dyn-x', '-n inference'],
    [role, 'ClusterRole reader', 'clusterrole/reader', ''],
  ])('%j is written for people and for kubectl', (ref, text, name, namespace) => {
    expect(formatRef(ref)).toBe(text)
    expect(kubectlName(ref)).toBe(name)
    expect(kubectlNamespace(ref)).toBe(namespace)
  })
})

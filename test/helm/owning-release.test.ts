import { describe, expect, it } from 'vitest'
import { installOf } from '../../src/helm/install.ts'
import { releaseOf } from '../../src/helm/owning-release.ts'
import type { ObjectMeta } from '../../src/model/kubernetes.ts'

const helm = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
}
const tracked = (object: string) => ({ 'argocd.argoproj.io/tracking-id': `serving:apps/Deployment:${object}` })
const object = (metadata: Partial<ObjectMeta>) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'inference', name: 'dyn-operator', ...metadata },
})
const flux = (group: string) => ({
  [`${group}.toolkit.fluxcd.io/name`]: 'serving',
  [`${group}.toolkit.fluxcd.io/namespace`]: 'flux',
})

describe('who installed an object', () => {
  it.each([
    ['nothing on it', object({}), undefined, { by: 'unknown' }],
    [
      'Helm',
      object(helm),
      { namespace: 'inference', name: 'dyn' },
      { by: 'helm', release: { namespace: 'inference', name: 'dyn' } },
    ],
    ['the label alone, as helm template leaves it', object({ labels: helm.labels }), undefined, { by: 'unknown' }],
    ['the annotations alone', object({ annotations: helm.annotations }), undefined, { by: 'unknown' }],
    [
      'a release without a namespace',
      object({ ...helm, annotations: { 'meta.helm.sh/release-name': 'dyn' } }),
      undefined,
      { by: 'unknown' },
    ],
    [
      'Argo CD over the traces of Helm',
      object({ ...helm, annotations: { ...helm.annotations, ...tracked('inference/dyn-operator') } }),
      undefined,
      { by: 'argo-cd', application: 'serving' },
    ],
    [
      'Argo CD that tracks by a label of its own',
      object({ ...helm, labels: { ...helm.labels, 'argocd.argoproj.io/instance': 'serving' } }),
      undefined,
      { by: 'argo-cd', application: 'serving' },
    ],
    [
      'a tracking-id that was copied from another object',
      object({ ...helm, annotations: { ...helm.annotations, ...tracked('other/dyn-operator') } }),
      { namespace: 'inference', name: 'dyn' },
      { by: 'helm', release: { namespace: 'inference', name: 'dyn' } },
    ],
    [
      'a Flux HelmRelease, which leaves a release of Helm',
      object({ ...helm, labels: { ...helm.labels, ...flux('helm') } }),
      { namespace: 'inference', name: 'dyn' },
      { by: 'flux', kind: 'HelmRelease', namespace: 'flux', name: 'serving' },
    ],
    [
      'a Flux Kustomization',
      object({ labels: flux('kustomize') }),
      undefined,
      { by: 'flux', kind: 'Kustomization', namespace: 'flux', name: 'serving' },
    ],
  ])('%s', (_, given, release, install) => {
    expect(releaseOf(given)).toEqual(release)
    expect(installOf(given)).toEqual(install)
  })
})

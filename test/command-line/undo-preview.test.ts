import { describe, expect, it } from 'vitest'
import { undoPreviewOf } from '../../src/command-line/undo-preview.ts'
import type { BackChange } from '../../src/fix/take-back.ts'
import { paperFor } from '../../src/report/paper.ts'

const paper = paperFor({ width: 100, colour: 0, unicode: true, verbose: false })
const entry = { code: 'monitor/label-mismatch', title: 'Label the ServiceMonitor' }
const ref = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn' }
const bound = { uid: 'u', resourceVersion: '7' }
const object = (labels: Readonly<Record<string, string>>) => ({
  apiVersion: ref.apiVersion,
  kind: ref.kind,
  metadata: { name: ref.name, namespace: ref.namespace, labels },
})

const previewOf = (change: BackChange) => undoPreviewOf(entry, change, paper)

describe('the preview of undo', () => {
  it('shows a field that is put back, and how it is done by hand', () => {
    const patch = [{ op: 'remove', path: '/metadata/labels/release' }] as const
    const [before, after] = [object({ app: 'dyn', release: 'kps' }), object({ app: 'dyn' })]
    expect(previewOf({ do: 'put back', ref, bound, type: 'json', patch, before, after })).toBe(
      `take back monitor/label-mismatch: Label the ServiceMonitor
  change ServiceMonitor inference/dyn
     namespace: inference
     labels:
       app: dyn
  -    release: kps
  by hand  kubectl -n inference patch servicemonitor dyn --type json -p '[{"op":"remove","path":"/metadata/labels/release"}]'
`,
    )
  })

  it.each<[what: string, value: string]>([
    ['a long value', 'x'.repeat(700)],
    ['a secret one', 'https://jane:hunter2@example.com'],
  ])('makes no command of %s', (_what, value) => {
    const patch = [{ op: 'replace', path: '/metadata/labels/a', value }] as const
    const [before, after] = [object({ a: '1' }), object({ a: value })]
    const preview = previewOf({ do: 'put back', ref, bound, type: 'json', patch, before, after })
    expect(preview).toContain('by hand  kubectl -n inference edit servicemonitor dyn  (the change above)')
    expect(preview).not.toContain('hunter2')
  })

  it('shows an object that is deleted', () => {
    expect(previewOf({ do: 'delete', ref, bound, before: object({ app: 'dyn' }) })).toBe(
      `take back monitor/label-mismatch: Label the ServiceMonitor
  delete ServiceMonitor inference/dyn
  -apiVersion: monitoring.coreos.com/v1
  -kind: ServiceMonitor
  -metadata:
  -  name: dyn
  -  namespace: inference
  -  labels:
  -    app: dyn
  by hand  kubectl -n inference delete servicemonitor dyn
`,
    )
  })

  it('shows revisions, values and objects of a release that is rolled back, and nothing secret', () => {
    const manifest = (port: number) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: dyn, namespace: inference}\nspec: {port: ${port}}\n`
    const chart = { name: 'dynamo-platform', version: '1.4.2' }
    const stored = { status: 'deployed', description: '', chart, knows: ['operator'] }
    const nested = (enabled: boolean) => ({ operator: { metricsService: { enabled }, password: `hunter${enabled}` } })
    const preview = previewOf({
      do: 'roll back',
      release: { namespace: 'inference', name: 'dyn' },
      before: { ...stored, revision: 5, values: { ...nested(true), own: 1 }, manifest: manifest(1) },
      after: { ...stored, revision: 3, values: nested(false), manifest: manifest(2) },
    })
    expect(preview).toBe(
      `take back monitor/label-mismatch: Label the ServiceMonitor
  roll back Helm release inference/dyn from revision 5 to 3
    operator.metricsService.enabled = false
    own = (not set)
    Service inference/dyn
       name: dyn
       namespace: inference
     spec:
    -  port: 1
    +  port: 2
  by hand  helm rollback dyn 3 -n inference --wait
`,
    )
  })
})

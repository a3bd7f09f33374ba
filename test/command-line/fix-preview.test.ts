import { describe, expect, it } from 'vitest'
import { previewOf } from '../../src/command-line/fix-preview.ts'
import type { Prepared } from '../../src/fix/write.ts'
import { paperFor } from '../../src/report/paper.ts'

const ref = { apiVersion: 'v1', kind: 'Namespace', name: 'inference' }
const namespace = (labels: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'inference', labels },
})
const bound = { uid: 'u', resourceVersion: '7' }
const step = { do: 'patch', target: ref, type: 'merge', patch: { metadata: { labels: { monitoring: 'on' } } } } as const

const prepared: Prepared = {
  cause: {
    code: 'monitor/namespace-not-selected',
    title: 'Not selected',
    severity: 'error',
    subject: ref,
    about: [],
    message: 'Prometheus observability/kps does not look into namespace inference',
    evidence: [{ ref, expected: 'monitoring = on', actual: 'absent' }],
    because: 'nobody set it',
    fixes: [],
  },
  fix: {
    id: 'label-namespace',
    title: 'Label namespace inference',
    risk: 'disruptive',
    at: 'live',
    steps: [step],
    touches: ['Prometheus edge/web takes it in by its ruleNamespaceSelector.'],
    lasts: 'Yes.',
    verify: [],
  },
  risk: 'disruptive',
  notes: ['The field was set by nobody.'],
  keepers: [],
  writes: [
    {
      ...step,
      do: 'patch',
      ref,
      bound,
      before: namespace({ team: 'ml' }),
      after: namespace({ team: 'ml', monitoring: 'on' }),
      changes: [{ path: '/metadata/labels/monitoring', is: 'on' }],
      reversible: true,
    },
  ],
}

describe('the preview of a fix', () => {
  it('shows what changes, for whom else, whether it lasts, the way back and how it is done by hand', () => {
    expect(previewOf(prepared, paperFor({ width: 100, colour: 0, unicode: true, verbose: false }))).toBe(
      `monitor/namespace-not-selected: Label namespace inference  disruptive
  Prometheus observability/kps does not look into namespace inference

  change Namespace inference
     name: inference
     labels:
       team: ml
  +    monitoring: on

  note     The field was set by nobody.
  touches  Prometheus edge/web takes it in by its ruleNamespaceSelector.
  lasts    Yes.
  undo     dynamo-metrics undo, as long as nobody else changes the same fields
  by hand  kubectl label namespace inference monitoring=on --overwrite
`,
    )
  })

  it('of an upgrade has the command in the words of the Helm that tried it', () => {
    const release = { namespace: 'inference', name: 'dyn' }
    const chart = { name: 'dynamo-platform', version: '1.4.2' }
    const command = ['helm', 'upgrade', 'dyn', './dynamo platform', '--atomic', '--wait']
    const upgrading: Prepared = {
      ...prepared,
      fix: { ...prepared.fix, steps: [{ do: 'helm-upgrade', release, set: { on: true } }] },
      writes: [
        {
          do: 'upgrade',
          upgrade: { release, reference: './dynamo platform', version: '1.4.2', set: { on: true }, description: 'run' },
          before: { revision: 3, status: 'deployed', description: '', chart, knows: ['on'], values: {}, manifest: '' },
          after: { manifest: '', command },
        },
      ],
    }
    const lines = previewOf(upgrading, paperFor({ width: 100, colour: 0, unicode: true, verbose: false })).split('\n')
    expect(lines.filter(line => line.includes('by hand'))).toEqual([
      "  by hand  helm upgrade dyn './dynamo platform' --atomic --wait",
    ])
  })
})

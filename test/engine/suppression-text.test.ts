import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSuppression } from '../../src/engine/suppression-text.ts'

describe('parseSuppression', () => {
  it.each([
    ['dashboard/missing: we draw our own', { code: 'dashboard/missing', reason: 'we draw our own' }],
    ['  dashboard/missing :  we  draw\tour own ', { code: 'dashboard/missing', reason: 'we draw our own' }],
    [
      'dashboard/missing: we draw our own until 2026-12-31',
      { code: 'dashboard/missing', reason: 'we draw our own', until: '2026-12-31' },
    ],
    [
      'dashboard/missing: until then we wait until 2028-02-29',
      { code: 'dashboard/missing', reason: 'until then we wait', until: '2028-02-29' },
    ],
    [
      'scrape/down@ServiceMonitor/inference/dyn-op: it: is retired',
      {
        code: 'scrape/down',
        reason: 'it: is retired',
        at: { kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn-op' },
      },
    ],
    [
      'stack/crds-missing@CustomResourceDefinition/servicemonitors.monitoring.coreos.com: later',
      {
        code: 'stack/crds-missing',
        reason: 'later',
        at: { kind: 'CustomResourceDefinition', name: 'servicemonitors.monitoring.coreos.com' },
      },
    ],
  ])('%s', (text, value) => {
    expect(parseSuppression(text)).toEqual({ ok: true, value })
  })

  it.each([
    ['', 'does not begin with a code'],
    ['monitor: x', 'does not begin with a code'],
    ['*: x', 'does not begin with a code'],
    ['dashboard/missing', 'no reason'],
    ['dashboard/missing: ', 'no reason'],
    ['dashboard/missing: until 2026-12-31', 'no reason'],
    ['dashboard/missing: x until 2026-02-30', '2026-02-30 is no day'],
    ['dashboard/missing: x until tomorrow', 'tomorrow is no day'],
    ['dashboard/missing@ConfigMap: x', 'ConfigMap is not KIND/NAMESPACE/NAME'],
    ['dashboard/missing@ConfigMap/a/b/c: x', 'is not KIND/NAMESPACE/NAME'],
    ['dashboard/missing@ConfigMap//b: x', 'is not KIND/NAMESPACE/NAME'],
    ['dashboard/missing@/a/b: x', 'is not KIND/NAMESPACE/NAME'],
  ])('refuses %j', (text, problem) => {
    expect(parseSuppression(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) })
  })

  it('never accepts without a reason, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const parsed = parseSuppression(`dashboard/missing${text}`)
        return !parsed.ok || parsed.value.reason.trim() !== ''
      }),
    )
  })
})

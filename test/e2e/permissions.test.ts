import { describe, expect, it } from 'vitest'
import { dynamo, kubeconfigs, names, stack } from '../lab/api.ts'
import { examine } from './doctor.ts'

describe('with less than all rights', () => {
  it('rights in two namespaces are enough to find the operator there, and nothing outside is called missing', async () => {
    const report = await examine(
      kubeconfigs.viewer,
      '--operator-namespace',
      dynamo.namespace,
      '--prometheus',
      `${stack.namespace}/${names.prometheus}`,
    )
    expect(report.about.operators.map(({ ref }) => ref.namespace)).toEqual(['inference'])
    expect(report.causes.filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('without any rights everything is unknown, nothing is a fault, and the refused reads are listed', async () => {
    const report = await examine(kubeconfigs.nobody)
    expect(report.verdict).toBe('incomplete')
    expect(report.exitCode).toBe(3)
    expect(report.causes.map(({ code }) => code)).toEqual(['access/forbidden'])
    expect(report.counts.passed).toBeLessThanOrEqual(3)
    expect(report.counts.unknown).toBeGreaterThan(10)
  })
})

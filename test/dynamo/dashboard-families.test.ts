import { describe, expect, it } from 'vitest'
import { contractOf } from '../../src/dynamo/contract.ts'
import { doubtedFamilies } from '../../src/dynamo/dashboard-families.ts'
import type { Era } from '../../src/model/chain.ts'

describe('doubtedFamilies', () => {
  const moved = (name: string) => ({
    name,
    moved: true,
    now: name.replace(/.*_reconcile_/, 'controller_runtime_reconcile_').replace('duration', 'time'),
  })
  it.each<[string, Era, readonly string[], ReturnType<typeof doubtedFamilies>]>([
    ['its own', '1.0', ['dynamo_operator_reconcile_total', 'dynamo_operator_reconcile_duration_seconds_bucket'], []],
    ['moved in 1.6', '1.6', ['dynamo_operator_reconcile_total'], [moved('dynamo_operator_reconcile_total')]],
    [
      'a histogram once, however it is asked for',
      '1.6',
      ['dynamo_operator_reconcile_duration_seconds_bucket', 'dynamo_operator_reconcile_duration_seconds_sum'],
      [moved('dynamo_operator_reconcile_duration_seconds')],
    ],
    [
      'nothing that a version without metrics has',
      '0.8',
      ['dynamo_operator_reconcile_total'],
      [{ name: 'dynamo_operator_reconcile_total', moved: true }],
    ],
    ['either name in 1.5', '1.5', ['dynamo_operator_reconcile_total', 'controller_runtime_reconcile_total'], []],
    ['controller-runtime’s are in every version', '0.9', ['controller_runtime_reconcile_errors_total'], []],
    ['other people’s', '1.6', ['up', 'vllm_requests_total'], []],
    ['one nobody knows', '1.6', ['dynamo_operator_x_total'], [{ name: 'dynamo_operator_x_total', moved: false }]],
  ])('%s', (_, era, names, wanted) => {
    expect(doubtedFamilies(contractOf(era), names)).toEqual(wanted)
  })
})

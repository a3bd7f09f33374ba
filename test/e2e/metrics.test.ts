import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { breakLab, heal, kubeconfigs } from '../lab/api.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

interface Family {
  readonly name: string
  readonly state: string
  readonly values: Readonly<Record<string, readonly string[]>>
  readonly differs: readonly string[]
}

const live = async (...args: readonly string[]) => {
  const run = await dynamoMetrics(['metrics', '--live', '--output', 'json', '--kubeconfig', kubeconfigs.admin, ...args])
  return { ...run, families: run.stdout === '' ? [] : (JSON.parse(run.stdout) as readonly Family[]) }
}

const statesOf = (families: readonly Family[]) => Object.fromEntries(families.map(({ name, state }) => [name, state]))

describe('metrics --live', () => {
  beforeAll(async () => {
    expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
  })

  afterEach(async () => {
    await heal()
  })

  it('every family of a busy operator is there, of the right type, and says nothing unknown', async () => {
    const { exitCode, families } = await live()
    expect(exitCode).toBe(0)
    expect(families.filter(({ state, differs }) => state !== 'present' || differs.length > 0)).toEqual([])
    expect(families).toHaveLength(10)
  })

  it('shows what one says here', async () => {
    const { families } = await live('dynamo_operator_resources_total')
    expect(families[0]?.values).toMatchObject({
      namespace: ['team-a'],
      resource_type: expect.arrayContaining(['DynamoModel', 'DynamoGraphDeploymentScalingAdapter']),
      status: ['Deployed', 'not_ready', 'ready', 'successful'],
    })
  })

  it('an idle operator is idle, not absent', async () => {
    await breakLab('metrics/idle')
    await examineSettled(kubeconfigs.admin)
    const { exitCode, families } = await live()
    expect(exitCode).toBe(0)
    expect(statesOf(families)).toMatchObject({
      controller_runtime_reconcile_total: 'present',
      controller_runtime_reconcile_time_seconds: 'idle',
      dynamo_operator_reconcile_total: 'idle',
      dynamo_operator_resources_total: 'idle',
      dynamo_operator_webhook_requests_total: 'idle',
      dynamo_operator_webhook_denials_total: 'idle',
    })
    expect(Object.values(statesOf(families))).not.toContain('absent')
  })

  it('what a rule drops is absent, not idle', async () => {
    await breakLab('metrics/dropped')
    await examineSettled(kubeconfigs.admin)
    const { exitCode, families } = await live('dynamo_operator_webhook_denials_total')
    expect(exitCode).toBe(1)
    expect(families).toMatchObject([{ state: 'absent', why: expect.stringContaining('drops') }])
  })

  it('what may not be read is not called absent', async () => {
    const { exitCode, stdout } = await dynamoMetrics(['metrics', '--live', '--kubeconfig', kubeconfigs.nobody])
    expect([exitCode, stdout]).toEqual([3, ''])
  })
})

import { describe, expect, it } from 'vitest'
import type { DashboardEra } from '../../src/dynamo/dashboard-eras.ts'
import { listedFamily } from '../../src/dynamo/listed-family.ts'
import { metricFamilies } from '../../src/dynamo/metric-families.ts'

const kinds = [
  'DynamoGraphDeployment',
  'DynamoComponentDeployment',
  'DynamoModel',
  'DynamoGraphDeploymentRequest',
  'DynamoGraphDeploymentScalingAdapter',
]
const errors = [
  'not_found',
  'already_exists',
  'conflict',
  'validation',
  'bad_request',
  'unauthorized',
  'forbidden',
  'timeout',
  'server_timeout',
  'unavailable',
  'rate_limited',
  'internal',
]

const labelOf = (name: string, label: string, era?: DashboardEra) => {
  const family = metricFamilies.find(one => one.name === name)
  return family && listedFamily(family, era).labels.find(one => one.name === label)
}

/** The page of 0.9, family by family and label by label; of namespace it says that it is one. */
const page: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  dynamo_operator_reconcile_duration_seconds: { resource_type: kinds, result: ['success', 'error', 'requeue'] },
  dynamo_operator_reconcile_total: { resource_type: kinds, result: ['success', 'error', 'requeue'] },
  dynamo_operator_reconcile_errors_total: { resource_type: kinds, error_type: errors },
  dynamo_operator_resources_total: {
    resource_type: kinds,
    status: [
      'ready',
      'not_ready',
      'unknown',
      'pending',
      'successful',
      'failed',
      'Pending',
      'Profiling',
      'Deploying',
      'Ready',
      'DeploymentDeleted',
      'Failed',
    ],
  },
  dynamo_operator_webhook_duration_seconds: { resource_type: kinds, operation: ['CREATE', 'UPDATE', 'DELETE'] },
  dynamo_operator_webhook_requests_total: {
    resource_type: kinds,
    operation: ['CREATE', 'UPDATE', 'DELETE'],
    result: ['allowed', 'denied'],
  },
  dynamo_operator_webhook_denials_total: {
    resource_type: kinds,
    operation: ['CREATE', 'UPDATE', 'DELETE'],
    reason: ['immutable_field_changed', 'invalid_config'],
  },
}

describe('listedFamily', () => {
  it('knows the documented values of the page exactly', () => {
    const documented = Object.fromEntries(
      metricFamilies
        .filter(family => family.documented.includes('0.9'))
        .map(family => [
          family.name,
          Object.fromEntries(
            listedFamily(family, '0.9')
              .labels.filter(({ name }) => name !== 'namespace')
              .map(({ name, documented: values }) => [name, values.toSorted()]),
          ),
        ]),
    )
    const sorted = Object.entries(page).map(([name, labels]) => [
      name,
      Object.fromEntries(Object.entries(labels).map(([label, values]) => [label, values.toSorted()])),
    ])
    expect(documented).toEqual(Object.fromEntries(sorted))
  })

  it('tells what is documented and never said from what is said and not documented', () => {
    const status = 'dynamo_operator_resources_total'
    expect(labelOf(status, 'status', '0.9')).toMatchObject({ neverSeen: [], undocumented: [] })
    expect(labelOf(status, 'status', '1.0')).toMatchObject({ neverSeen: ['unknown'], undocumented: ['initializing'] })
    const webhooks = 'dynamo_operator_webhook_denials_total'
    expect(labelOf(webhooks, 'resource_type', '0.9')).toMatchObject({
      values: kinds.slice(0, -1),
      neverSeen: ['DynamoGraphDeploymentScalingAdapter'],
      undocumented: [],
    })
    expect(labelOf(webhooks, 'resource_type', '1.0')?.undocumented).toEqual(['DynamoCheckpoint'])
    expect(labelOf(webhooks, 'reason', '1.6')).toMatchObject({ values: errors, undocumented: errors })
  })

  it('lists the values of each resource type, and of all versions which have them', () => {
    const all = labelOf('dynamo_operator_resources_total', 'status')
    expect(all?.byResourceType?.DynamoModel).toEqual(['ready', 'not_ready'])
    expect(all?.versions).toEqual({
      initializing: 'since 1.0',
      Deployed: 'since 1.0',
      DeploymentDeleted: '0.9',
      unknown: '0.9',
    })
    const one = labelOf('dynamo_operator_resources_total', 'status', '0.9')
    expect(one?.versions).toEqual({})
    expect(one?.byResourceType?.DynamoGraphDeployment).toEqual(['pending', 'successful', 'failed', 'unknown'])
  })

  it('names the sources of the version that is asked for', () => {
    const [family] = metricFamilies.filter(({ name }) => name === 'dynamo_operator_resources_total')
    const sources = (era?: DashboardEra) => (family ? listedFamily(family, era).sources.map(({ at }) => at) : [])
    expect(sources('0.9').join()).not.toContain('#6324')
    expect(sources('1.0').join()).toContain('#6324')
    expect(sources().length).toBeGreaterThan(sources('1.0').length)
  })
})

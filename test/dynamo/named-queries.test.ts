import { describe, expect, it } from 'vitest'
import { dashboardEraNames } from '../../src/dynamo/dashboard-eras.ts'
import { dashboardValues } from '../../src/dynamo/dashboard-values.ts'
import { namedQuery, queryNames } from '../../src/dynamo/named-queries.ts'
import { interpolate } from '../../src/grafana/interpolate.ts'
import { syntaxError } from '../../src/prometheus/expression-error.ts'

describe.each(dashboardEraNames)('the documented queries of %s', era => {
  it.each(queryNames)('%s parses, with nothing left to put in', name => {
    const values = dashboardValues(era, { jobs: ['dyn', 'a.b'], namespaces: ['x'], seconds: 3600, step: 30 })
    const expression = interpolate(namedQuery(name, era).expression, values)
    expect(expression).not.toContain('$job')
    expect(expression).not.toContain('$namespace')
    expect(syntaxError(expression)).toBeUndefined()
  })

  it.each(queryNames)('%s says what the documentation asks, and in what ours differs', name => {
    const { expression, documented } = namedQuery(name, era)
    expect(syntaxError(documented.expression)).toBeUndefined()
    expect(documented.expression).not.toBe(expression)
    // What ours is grouped by beside the documented labels, or what it has in their place, is among the reasons.
    const by = (text: string) => /(?:^|\()\s*sum by \(([\w, ]+)\)/.exec(text)?.[1]?.split(', ') ?? []
    const added = by(expression).filter(label => !by(documented.expression).includes(label))
    const told = documented.differs.join(' ')
    for (const label of added)
      expect(told).toContain({ operation: 'operations', controller: 'controller-runtime' }[label] ?? label)
  })

  it('are of what their names say', () => {
    const { expression } = namedQuery('resources-dgd', era)
    expect(expression).toContain('resource_type=~"DynamoGraphDeployment"')
    expect(namedQuery('resources-by-namespace', era).legend).toContain('namespace')
  })
})

it('are those of the page, to the letter', () => {
  expect(namedQuery('webhook-p95', '0.9').documented.expression).toBe(
    'histogram_quantile(0.95, sum by (resource_type, le) (rate(dynamo_operator_webhook_duration_seconds_bucket[5m])))',
  )
  expect(namedQuery('resources-dgd', '1.6').documented.expression).toBe(
    'sum by (status) (dynamo_operator_resources_total{resource_type="DynamoGraphDeployment"})',
  )
  expect(namedQuery('reconcile-errors', '1.6').documented).toMatchObject({
    expression: 'sum by (resource_type, error_type) (rate(dynamo_operator_reconcile_errors_total[5m]))',
    differs: expect.arrayContaining([expect.stringContaining('gone from 1.6')]),
  })
})

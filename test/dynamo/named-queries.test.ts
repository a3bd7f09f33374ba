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

  it('are of what their names say', () => {
    const { expression } = namedQuery('resources-dgd', era)
    expect(expression).toContain('resource_type=~"DynamoGraphDeployment"')
    expect(namedQuery('resources-by-namespace', era).legend).toContain('namespace')
  })
})

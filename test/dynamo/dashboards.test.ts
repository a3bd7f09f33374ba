import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { contractOf } from '../../src/dynamo/contract.ts'
import { dashboardEraNames, dashboardEras } from '../../src/dynamo/dashboard-eras.ts'
import { doubtedFamilies } from '../../src/dynamo/dashboard-families.ts'
import { dashboardConfigMap, dashboardJson, grafanaDashboard } from '../../src/dynamo/dashboard-manifests.ts'
import { dashboardSections } from '../../src/dynamo/dashboard-panels.ts'
import { dashboards } from '../../src/dynamo/dashboards.ts'
import { expectedDashboard } from '../../src/dynamo/expected.ts'
import { dashboardText, judgeDashboardText, recogniseDashboard } from '../../src/grafana/dashboard-json.ts'
import { dashboardQueries } from '../../src/grafana/dashboard-queries.ts'
import { dashboardSchema, type GrafanaMajor } from '../../src/grafana/dashboard-schema.ts'
import { parsePromql } from '../../src/grafana/parse-promql.ts'
import { plainlySummed } from '../../src/grafana/plainly-summed.ts'
import { promqlFamilies } from '../../src/grafana/promql-families.ts'
import { manifestFormats } from '../../src/report/manifests.ts'

const place = { namespace: 'observability', label: { key: 'dash', value: 'yes' } }
const majors: readonly GrafanaMajor[] = [9, 10, 11, 12, 13]

interface Parsed {
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] }
  readonly panels: readonly {
    readonly type: string
    readonly title: string
    readonly id: number
    readonly gridPos: Grid
  }[]
}

interface Grid {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

describe.each(dashboardEraNames)('the dashboard of %s', era => {
  const parsed = JSON.parse(dashboardJson(era)) as Parsed

  it.each(majors)('is one that Grafana %i provisions from a file', major => {
    const validate = new Ajv({ allErrors: true, strict: false }).compile(dashboardSchema(major))
    expect(validate(parsed) ? [] : validate.errors).toEqual([])
  })

  it('passes the doctor’s own judgement of dashboard files', () => {
    expect(judgeDashboardText(dashboardJson(era))).toEqual({
      ok: true,
      title: expectedDashboard.title,
      uid: expectedDashboard.uid,
      unresolvedInputs: [],
    })
  })

  it('adds up nothing that each replica says of the whole cluster', () => {
    const summed = dashboardQueries(parsed).flatMap(({ expression }) => plainlySummed(parsePromql(expression)))
    expect(summed).not.toContain('dynamo_operator_resources_total')
  })

  it('has the four sections and ten panels of the documentation', () => {
    expect(parsed.panels.map(({ type, title }) => (type === 'row' ? `# ${title}` : `${type}: ${title}`))).toEqual([
      '# Reconciliation Metrics',
      'timeseries: Reconciliation Rate',
      'timeseries: Reconciliation Duration (P95)',
      'timeseries: Reconciliation Errors',
      '# Webhook Metrics',
      'timeseries: Webhook Request Rate',
      'timeseries: Webhook Duration (P95)',
      'timeseries: Webhook Denials',
      '# Resource Inventory',
      'timeseries: Resource Inventory by State',
      'stat: Resource Count by State',
      '# Operational Health',
      'gauge: Reconciliation Success Rate',
      'gauge: Webhook Admission Success Rate',
    ])
    expect(new Set(parsed.panels.map(({ id }) => id)).size).toBe(14)
  })

  it('shows the data source, Namespace with several values and Resource Type with one', () => {
    const shown = parsed.templating.list.filter(({ hide }) => hide !== 2)
    expect(shown.map(({ name, label, multi, includeAll }) => [name, label, multi, includeAll])).toEqual([
      ['datasource', 'Data source', false, false],
      ['namespace', 'Namespace', true, true],
      ['resource_type', 'Resource Type', false, true],
    ])
  })

  it('offers every resource type of the era, and All stands for just these', () => {
    const variable = parsed.templating.list.find(({ name }) => name === 'resource_type')
    expect(variable?.query).toBe(dashboardEras[era].resourceTypes.join(','))
    expect(variable?.allValue).toBe(dashboardEras[era].resourceTypes.join('|'))
  })

  it('asks in Prometheus’s own grammar, for families that this era has', () => {
    const queries = dashboardQueries(parsed)
    expect(queries).toHaveLength(12)
    const families = queries.map(({ expression }) => promqlFamilies(parsePromql(expression)))
    expect(families.filter(names => names === null || names.length !== 1)).toEqual([])
    expect(
      doubtedFamilies(
        contractOf(era),
        families.flat().filter(name => name !== null),
      ),
    ).toEqual([])
  })

  it('uses only variables that it has, pins every panel to the job, and labels the resource type', () => {
    const known = new Set([...parsed.templating.list.map(({ name }) => name), '__rate_interval', '__range', '1'])
    for (const { title, expression, legend } of dashboardSections(era).flatMap(({ panels }) => panels)) {
      const used = [...expression.matchAll(/\$(\w+)/g)].map(([, name]) => name)
      expect(
        used.filter(name => !known.has(name)),
        title,
      ).toEqual([])
      const selectors = expression.match(/\{[^}]*\}/g) ?? []
      expect(
        selectors.filter(selector => !selector.startsWith('{job=~"$job"')),
        title,
      ).toEqual([])
      expect(
        selectors.filter(selector => !selector.includes('=~"$resource_type"')),
        title,
      ).toEqual([])
      expect(legend[0], title).toMatch(/^(?:resource_type|controller)$/)
      expect(
        legend.filter(label => !new RegExp(`by \\([^)]*\\b${label}\\b`).test(expression)),
        title,
      ).toEqual([])
    }
  })

  it('lays the panels side by side without an overlap', () => {
    const taken = parsed.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    expect(new Set(taken).size).toBe(taken.length)
  })

  it('is small enough for kubectl apply without --server-side', () => {
    expect(JSON.stringify(dashboardConfigMap(era, place)).length).toBeLessThan(200 * 1024)
  })

  it('is a ConfigMap that the doctor finds and the sidecar takes', () => {
    const configMap = dashboardConfigMap(era, place)
    expect(configMap.metadata).toMatchObject({ namespace: 'observability', labels: { dash: 'yes' } })
    expect(recogniseDashboard(configMap, expectedDashboard)).toBe(true)
    expect(dashboardText(configMap, expectedDashboard)?.text).toBe(dashboardJson(era))
  })

  it('is a GrafanaDashboard for the Grafana of that label', () => {
    expect(grafanaDashboard(era, place)).toMatchObject({
      kind: 'GrafanaDashboard',
      spec: { instanceSelector: { matchLabels: { dash: 'yes' } }, json: dashboardJson(era) },
    })
  })

  it('comes through YAML as it is', () => {
    const configMap = dashboardConfigMap(era, place)
    expect(parse(manifestFormats.yaml([{ object: configMap, reasons: [] }]))).toEqual(configMap)
  })
})

describe('the schema', () => {
  const good = dashboards['1.6']
  it.each<[string, object]>([
    ['an envelope', { dashboard: good }],
    ['a Kubernetes object', { ...good, apiVersion: 'dashboard.grafana.app/v1beta1', kind: 'Dashboard', spec: {} }],
    ['the newer schema', { title: 'x', elements: {}, layout: {} }],
    ['inputs', { ...good, __inputs: [] }],
    ['no title', { ...good, title: ' ' }],
    ['a long uid', { ...good, uid: 'x'.repeat(41) }],
    ['a number', { ...good, id: 3 }],
    ['a panel of old', { ...good, panels: [{ ...good.panels?.[1], type: 'graph' }] }],
    ['a data source by name', { ...good, panels: [{ ...good.panels?.[1], datasource: 'Prometheus' }] }],
  ])('refuses %s', (_, wrong) => {
    const validate = new Ajv({ strict: false }).compile(dashboardSchema(13))
    expect(validate(JSON.parse(JSON.stringify(wrong)))).toBe(false)
  })
})

import type { DashboardEra } from '../../src/dynamo/dashboard-eras.ts'
import { dashboards } from '../../src/dynamo/dashboards.ts'
import { interpolate } from '../../src/grafana/interpolate.ts'
import { prometheus, query } from '../lab/api.ts'

/**
 * What Grafana offers for a variable of the dashboard, asked of the real Prometheus as Grafana's data source does:
 * `label_values` by the API for the values of a label, `query_result` by an instant query, each sample of which becomes
 * a line like `{namespace="team-a"} 4 1790000000000` for the variable's regular expression.
 */
export const variableOptions = async (
  era: DashboardEra,
  name: string,
  chosen: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> => {
  const variable = dashboards[era].templating?.list?.find(one => one.name === name)
  const definition = typeof variable?.query === 'string' ? interpolate(variable.query, chosen) : ''
  const [, how, asked = ''] = /^(label_values|query_result)\((.*)\)$/s.exec(definition) ?? []
  if (how === undefined) throw new Error(`${name} asks ${definition}`)
  const texts = await (how === 'label_values' ? labelValues(asked) : queryResult(asked))
  const { pattern = '(.*)' } = /^\/(?<pattern>.*)\/$/s.exec(variable?.regex ?? '')?.groups ?? {}
  return texts.flatMap(text => new RegExp(pattern).exec(text)?.[1] ?? []).sort()
}

const labelValues = (asked: string): Promise<readonly string[]> => {
  const [, selector = '', label] = /^(.*), *(\w+)$/s.exec(asked) ?? []
  return prometheus(`/api/v1/label/${label}/values?${new URLSearchParams({ 'match[]': selector })}`)
}

const queryResult = async (asked: string): Promise<readonly string[]> =>
  (await query(asked)).map(({ metric: { __name__ = '', ...labels }, value: [at, value] }) => {
    const pairs = Object.entries(labels).map(([key, says]) => `${key}="${says}"`)
    return `${__name__}{${pairs.join(',')}} ${value} ${at * 1000}`
  })

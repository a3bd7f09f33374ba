import { describe, expect, it } from 'vitest'
import { dashboardQueries, dataSourceUids } from '../../src/grafana/dashboard-queries.ts'

const panel = (title: string, expr: string, more = {}) => ({ title, targets: [{ expr }], ...more })
const variable = (query: unknown, more = {}) => ({
  templating: { list: [{ type: 'query', name: 'v', query, ...more }] },
})

describe('dashboardQueries', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a panel', { panels: [panel('A', 'up')] }, ['panel “A”: up']],
    [
      'two targets',
      { panels: [{ title: 'A', targets: [{ expr: 'a' }, { expr: 'b' }] }] },
      ['panel “A”: a', 'panel “A”: b'],
    ],
    ['a collapsed row', { panels: [{ type: 'row', panels: [panel('A', 'up')] }] }, ['panel “A”: up']],
    ['rows of the old schema', { rows: [{ panels: [panel('A', 'up')] }] }, ['panel “A”: up']],
    [
      'with a title that is no text',
      { panels: [{ title: { toString: 1 }, targets: [{ expr: 'up' }] }] },
      ['panel “{"toString":1}”: up'],
    ],
    ['without a title, by its number', { panels: [{ id: 4, targets: [{ expr: 'up' }] }] }, ['panel “4”: up']],
    ['another kind of data source', { panels: [panel('A', '{app="x"}', { datasource: { type: 'loki' } })] }, []],
    [
      'a target of another kind',
      { panels: [{ title: 'A', targets: [{ expr: 'x', datasource: { type: 'loki' } }, { expr: 'up' }] }] },
      ['panel “A”: up'],
    ],
    ['a data source by name', { panels: [panel('A', 'up', { datasource: 'Prometheus' })] }, ['panel “A”: up']],
    ['an empty target', { panels: [panel('A', ' ')] }, []],
    ['label_values', variable('label_values(up{a=~"b,c"}, job)'), ['variable v: up{a=~"b,c"}']],
    ['label_values of a newer editor', variable({ query: 'label_values(up, job)', refId: 'x' }), ['variable v: up']],
    ['label_values of a label alone', variable('label_values(job)'), []],
    ['query_result', variable('query_result(sum(up))'), ['variable v: sum(up)']],
    ['metrics', variable('metrics(up)'), []],
    ['a variable of another type', variable('label_values(up, job)', { type: 'custom' }), []],
    ['no dashboard', 'x', []],
    ['strange shapes', { panels: [null, 1, { targets: {} }], templating: [] }, []],
  ])('%s', (_, dashboard, wanted) => {
    expect(dashboardQueries(dashboard).map(({ where, expression }) => `${where}: ${expression}`)).toEqual(wanted)
  })
})

describe('dataSourceUids', () => {
  const using = (uid: string, type = 'prometheus') => ({ panels: [panel('A', 'up', { datasource: { type, uid } })] })
  it.each<[string, unknown, readonly string[]]>([
    ['a uid', using('prom-a'), ['prom-a']],
    ['a variable', using(`\${datasource}`), []],
    ['Grafana’s own', using('-- Mixed --'), []],
    ['of another kind', using('x', 'loki'), []],
    ['of a target', { panels: [{ targets: [{ datasource: { uid: 'b' } }] }] }, ['b']],
  ])('%s', (_, dashboard, wanted) => {
    expect(dataSourceUids(dashboard)).toEqual(wanted)
  })
})

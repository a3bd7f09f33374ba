/**
 * What Grafana's file provisioning takes of a dashboard, and what its front end needs to draw it, as one JSON schema per
 * major version. The classic schema: file provisioning refuses the newer one (grafana/grafana#122663).
 */
export const dashboardSchema = (grafana: GrafanaMajor) => ({
  type: 'object',
  required: ['title', 'uid', 'schemaVersion', 'panels', 'templating'],
  not: { anyOf: envelopes },
  properties: {
    title: { type: 'string', pattern: '\\S' },
    uid: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,40}$' },
    /** Taken away before it is saved; a number of another Grafana's only misleads. */
    id: { type: 'null' },
    /** A newer one than Grafana knows is taken as it is, without any migration. */
    schemaVersion: { type: 'integer', maximum: schemaVersions[grafana] },
    tags: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    time: { type: 'object', required: ['from', 'to'] },
    refresh: { type: 'string', pattern: '^\\d+[smh]$' },
    templating: { type: 'object', required: ['list'], properties: { list: { type: 'array', items: variable } } },
    panels: { type: 'array', minItems: 1, items: { anyOf: [row, panelOf(grafana)] } },
  },
})

export type GrafanaMajor = 9 | 10 | 11 | 12 | 13

/** What @grafana/schema of the first release of each major version has; that of 9 was not published with one. */
const schemaVersions: Readonly<Record<GrafanaMajor, number>> = { 9: 36, 10: 36, 11: 36, 12: 41, 13: 42 }

/**
 * What the HTTP API takes, what `kubectl` takes, the newer schema, and an export whose placeholders only the import
 * dialog fills in: none of them may stand in a file.
 */
const envelopes = ['dashboard', 'spec', 'apiVersion', 'kind', 'elements', 'layout', '__inputs'].map(name => ({
  required: [name],
}))

const dataSource = {
  type: 'object',
  required: ['type', 'uid'],
  properties: { type: { const: 'prometheus' }, uid: { type: 'string', pattern: '^\\$\\{\\w+\\}$' } },
}

const variable = {
  type: 'object',
  required: ['name', 'type', 'query'],
  properties: {
    name: { type: 'string', pattern: '^\\w+$' },
    type: { enum: ['query', 'custom', 'datasource', 'interval', 'constant', 'textbox', 'adhoc'] },
    query: { type: 'string', minLength: 1 },
    hide: { enum: [0, 1, 2] },
    refresh: { enum: [0, 1, 2] },
    multi: { type: 'boolean' },
    includeAll: { type: 'boolean' },
    datasource: dataSource,
  },
  if: { properties: { type: { const: 'query' } } },
  // biome-ignore lint/suspicious/noThenProperty: JSON schema calls it so
  then: { required: ['datasource', 'refresh'] },
}

const gridPos = {
  type: 'object',
  required: ['x', 'y', 'w', 'h'],
  properties: {
    x: { type: 'integer', minimum: 0, maximum: 23 },
    y: { type: 'integer', minimum: 0 },
    w: { type: 'integer', minimum: 1, maximum: 24 },
    h: { type: 'integer', minimum: 1 },
  },
}

const id = { type: 'integer', minimum: 1 }

const row = {
  type: 'object',
  required: ['type', 'title', 'gridPos', 'id', 'panels'],
  properties: { type: { const: 'row' }, id, gridPos, panels: { type: 'array' } },
}

/** The panels of angular's time are drawn by 9 and 10 only, and are not among these. */
const panelOf = (grafana: GrafanaMajor) => ({
  type: 'object',
  required: ['type', 'title', 'gridPos', 'id', 'datasource', 'targets', 'fieldConfig', 'options'],
  properties: {
    type: { enum: ['timeseries', 'stat', 'gauge', 'table', 'bargauge', 'heatmap', ...(grafana < 11 ? ['graph'] : [])] },
    title: { type: 'string', minLength: 1 },
    id,
    gridPos,
    datasource: dataSource,
    fieldConfig: { type: 'object', required: ['defaults', 'overrides'] },
    options: { type: 'object' },
    targets: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['refId', 'expr', 'datasource'],
        properties: {
          refId: { type: 'string', minLength: 1 },
          expr: { type: 'string', minLength: 1 },
          datasource: dataSource,
        },
      },
    },
  },
})

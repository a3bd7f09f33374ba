import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { dashboardEraNames } from '../../src/dynamo/dashboard-eras.ts'
import { dashboardJson } from '../../src/dynamo/dashboard-manifests.ts'

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))

interface Release {
  readonly types: string
  readonly dashboard: string
  readonly panels: Readonly<Record<Kind, string>>
  /** What later ones have: this one takes no notice of it. */
  readonly newer: readonly string[]
}

type Kind = 'timeseries' | 'stat' | 'gauge'

/** Of 9 and before Grafana published types in which half of a variable is missing. */
const releases: Readonly<Record<string, Release>> = {
  10: { ...inFilesByName('grafana-schema-10'), newer: ['allowCustomValue', 'percentChangeColorMode'] },
  11: { ...inFilesByName('grafana-schema-11'), newer: [] },
  12: { ...inFoldersByName('grafana-schema-12'), newer: [] },
  13: { ...inFoldersByName('grafana-schema-13'), newer: [] },
}

function inFilesByName(name: string) {
  const raw = `${modules}${name}/dist/esm/raw`
  return {
    types: `${modules}${name}/dist/esm/index.d.ts`,
    dashboard: `${raw}/dashboard/x/dashboard_types.gen.d.ts`,
    panels: {
      timeseries: `${raw}/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts`,
      stat: `${raw}/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts`,
      gauge: `${raw}/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen.d.ts`,
    },
  }
}

function inFoldersByName(name: string) {
  const raw = `${modules}${name}/dist/types/raw`
  const ofPanel = (kind: Kind) => `${raw}/composable/${kind}/panelcfg/x/types.gen.d.ts`
  return {
    types: `${modules}${name}/dist/types/index.d.ts`,
    dashboard: `${raw}/dashboard/x/types.gen.d.ts`,
    panels: { timeseries: ofPanel('timeseries'), stat: ofPanel('stat'), gauge: ofPanel('gauge') },
  }
}

/**
 * Fields of a variable that Grafana reads and its types have not: that of a query's text, and those of intervals, which
 * its builders write into every variable.
 */
const notInTypes = ['definition', 'auto', 'auto_min', 'auto_count']

/**
 * JSON has the text of an enum's member, and leaves out what has a default. That -∞ is null in JSON the types do not know.
 */
const asJson = `type AsJson<T> = T extends string ? \`\${T}\`
  : T extends number ? number
  : T extends readonly (infer U)[] ? AsJson<U>[]
  : T extends object ? { [K in keyof T]?: AsJson<T[K]> | (K extends 'value' ? null : never) }
  : T\n`

interface Panel {
  readonly type: Kind | 'row'
  readonly options: object
  readonly fieldConfig: { readonly defaults: { readonly custom?: object } }
}

/** The dashboard as constants of Grafana's types: TypeScript complains of a literal that has what the type has not. */
const asTypeScript = (json: string, { dashboard, panels, newer }: Release): string => {
  const unknown = new Set([...notInTypes, ...newer])
  const { panels: drawn, ...rest } = JSON.parse(json, (key, value: unknown) =>
    unknown.has(key) ? undefined : value,
  ) as { readonly panels: readonly Panel[] }
  const constant = (name: string, type: string, value: unknown) =>
    `export const ${name}: AsJson<${type}> = ${JSON.stringify(value)}`
  return [
    asJson,
    `import type * as schema from '${dashboard}'`,
    ...Object.entries(panels).map(([kind, file]) => `import type * as ${kind} from '${file}'`),
    constant('dashboard', "Omit<schema.Dashboard, 'panels'>", rest),
    ...drawn.flatMap((panel, index) => {
      const { options, ...all } = panel
      if (panel.type === 'row') return [constant(`row${index}`, 'schema.RowPanel', panel)]
      return [
        constant(`panel${index}`, "Omit<schema.Panel, 'options'>", all),
        constant(`options${index}`, `${panel.type}.Options`, options),
        constant(`field${index}`, 'timeseries.FieldConfig', panel.fieldConfig.defaults.custom ?? {}),
      ]
    }),
  ].join('\n')
}

const complaintsOf = async (files: Readonly<Record<string, string>>, { types }: Release): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'grafana-types-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, target: 'es2022', types: [] },
    ...{ module: 'esnext', moduleResolution: 'bundler', paths: { '@grafana/schema': [types] } },
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }))
  return new Promise(resolve =>
    execFile(join(modules, '.bin/tsc'), ['-p', folder], (_error, stdout, stderr) => resolve(stdout + stderr)),
  )
}

describe.each(Object.entries(releases))('the types of Grafana %s', (_major, release) => {
  it('have all that the dashboards have', async () => {
    const files = dashboardEraNames.map(era => [`era-${era}.ts`, asTypeScript(dashboardJson(era), release)])
    expect(await complaintsOf(Object.fromEntries(files), release)).toBe('')
  })

  it('refuse what is misspelt, of the wrong type or in the wrong place', async () => {
    const wrong = {
      'misspelt.ts': dashboardJson('1.0').replaceAll('"showLegend"', '"showLegends"'),
      'no-member.ts': dashboardJson('1.0').replace('"mode": "multi"', '"mode": "several"'),
      'no-number.ts': dashboardJson('1.0').replace('"schemaVersion": 36', '"schemaVersion": "36"'),
      'no-list.ts': dashboardJson('1.0').replace('"fillOpacity": 10', '"fillOpacity": [10]'),
    }
    const files = Object.entries(wrong).map(([name, json]) => [name, asTypeScript(json, release)])
    const complaints = await complaintsOf(Object.fromEntries(files), release)
    for (const name of Object.keys(wrong)) expect(complaints).toContain(name)
  })
})

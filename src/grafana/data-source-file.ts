import { parse } from 'yaml'
import type { DataSource } from '../model/grafana.ts'
import { isRecord } from '../model/is-record.ts'
import { dataSourceOf } from './api.ts'

/**
 * The data sources of a provisioning file. Grafana puts environment variables in the place of `$NAME` and `${NAME}`;
 * a value with one is not known and is left out. A file that is no YAML has none.
 */
export const parseDataSourceFile = (text: string): readonly DataSource[] => {
  const file = parsed(text)
  const listed = isRecord(file) && Array.isArray(file.datasources) ? file.datasources : []
  return listed
    .filter(isRecord)
    .map(source =>
      dataSourceOf(
        Object.fromEntries(
          Object.entries(source).filter(([, value]) => typeof value !== 'string' || !/\$(?:\w|\{)/.test(value)),
        ),
      ),
    )
}

const parsed = (text: string): unknown => {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

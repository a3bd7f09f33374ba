import { isRecord } from '../model/is-record.ts'
import { type Asked, ask } from './ask-prometheus.ts'
import type { ReadContext } from './fact-reader.ts'

/**
 * The types that the scraped targets of a selector declare, by name. Thanos and Mimir have no targets, so they tell no
 * types: then none is judged.
 */
export const typesIn = async (
  context: ReadContext,
  shard: Asked,
  targets: string,
): Promise<readonly (readonly [name: string, type: string])[]> => {
  type Metadata = { readonly all: readonly Readonly<Record<string, unknown>>[] }
  const path = `/api/v1/targets/metadata?match_target=${encodeURIComponent(targets)}`
  const read = await ask(context, shard, path, (body): Metadata | { readonly invalid: string } => {
    const data = isRecord(body) ? body.data : undefined
    return Array.isArray(data) ? { all: data.filter(isRecord) } : { invalid: 'no list of metadata' }
  })
  if (!read.ok) return []
  return read.value.all.flatMap(({ metric, type }) =>
    typeof metric === 'string' && typeof type === 'string' && type !== 'unknown' ? [[metric, type] as const] : [],
  )
}

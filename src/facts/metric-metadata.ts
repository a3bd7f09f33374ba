import { isRecord } from '../model/is-record.ts'
import type { MetricMetadata } from '../model/prometheus.ts'
import { type Asked, ask } from './ask-prometheus.ts'
import type { ReadContext } from './fact-reader.ts'

type Named = readonly (readonly [name: string, said: MetricMetadata])[]

/** What the targets of a selector declare that are scraped now. */
export interface Declared {
  readonly named: Named
  /** The values of their label `instance`. */
  readonly instances: readonly string[]
}

/** Thanos and Mimir have no targets, so they tell nothing: then none is judged. */
export const metadataOfTargets = async (context: ReadContext, shard: Asked, targets: string): Promise<Declared> => {
  type Metadata = { readonly all: readonly Readonly<Record<string, unknown>>[] }
  const path = `/api/v1/targets/metadata?match_target=${encodeURIComponent(targets)}`
  const read = await ask(context, shard, path, (body): Metadata | { readonly invalid: string } => {
    const data = isRecord(body) ? body.data : undefined
    return Array.isArray(data) ? { all: data.filter(isRecord) } : { invalid: 'no list of metadata' }
  })
  const all = read.ok ? read.value.all : []
  return {
    named: all.flatMap(({ metric, ...said }) => (typeof metric === 'string' ? [[metric, saidIn(said)]] : [])),
    instances: [...new Set(all.flatMap(({ target }) => instanceOf(target)))].sort(),
  }
}

const instanceOf = (target: unknown): readonly string[] =>
  isRecord(target) && typeof target.instance === 'string' ? [target.instance] : []

/**
 * The same of whoever serves these names: all that a store without targets can tell, as Thanos and Mimir are. Where they
 * disagree, nobody knows which of them is meant.
 */
export const metadataOfNames = async (context: ReadContext, shard: Asked, names: readonly string[]): Promise<Named> => {
  const reads = await Promise.all(
    names.map(name => ask(context, shard, `/api/v1/metadata?metric=${encodeURIComponent(name)}`, parseMetadata)),
  )
  return names.flatMap((name, index) => {
    const read = reads[index]
    const all = read?.ok ? (read.value.byName[name] ?? []) : []
    const types = new Set(all.map(({ type }) => type))
    const [first] = all
    return first && types.size === 1 ? [[name, first]] : []
  })
}

interface ByName {
  readonly byName: Readonly<Record<string, readonly MetricMetadata[]>>
}

const parseMetadata = (body: unknown): ByName | { readonly invalid: string } => {
  const data = isRecord(body) ? body.data : undefined
  if (!isRecord(data)) return { invalid: 'no metadata' }
  const listed = Object.entries(data).map(([name, said]) => [
    name,
    Array.isArray(said) ? said.filter(isRecord).map(saidIn) : [],
  ])
  return { byName: Object.fromEntries(listed) }
}

/** `unknown` is what Prometheus says where nobody declared a type. */
const saidIn = ({ type, help }: Readonly<Record<string, unknown>>): MetricMetadata => ({
  ...(typeof type === 'string' && type !== 'unknown' ? { type } : {}),
  ...(typeof help === 'string' && help !== '' ? { help } : {}),
})

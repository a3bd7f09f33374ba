import { asText } from '../model/as-text.ts'
import { isRecord } from '../model/is-record.ts'
import { unpackRelease } from './decode-release.ts'

/** What a stored revision says of itself. Values and manifest may be secret: they are compared, and shown only redacted. */
export interface StoredRevision {
  readonly revision: number
  readonly status: string
  readonly description: string
  readonly chart: { readonly name: string; readonly version: string }
  /** The first keys of the values that it has defaults for, those of its declared dependencies among them. */
  readonly knows: readonly string[]
  /** Those that the user set. */
  readonly values: Readonly<Record<string, unknown>>
  /** YAML of every object it renders. */
  readonly manifest: string
}

/** Reads `.data.release` of a Secret of type helm.sh/release.v1; undefined where it is broken. */
export const decodeStoredRelease = (data: string): StoredRevision | undefined => {
  const unpacked = unpackRelease(data)
  const release = 'json' in unpacked ? unpacked.json : undefined
  if (!isRecord(release) || typeof release.version !== 'number') return undefined
  const info = isRecord(release.info) ? release.info : {}
  const { metadata, values: defaults } = isRecord(release.chart) ? release.chart : {}
  const chart = isRecord(metadata) ? metadata : {}
  return {
    revision: release.version,
    status: asText(info.status ?? 'unknown'),
    description: asText(info.description ?? ''),
    chart: { name: asText(chart.name ?? ''), version: asText(chart.version ?? '') },
    knows: isRecord(defaults) ? Object.keys(defaults) : [],
    values: isRecord(release.config) ? release.config : {},
    manifest: asText(release.manifest ?? ''),
  }
}

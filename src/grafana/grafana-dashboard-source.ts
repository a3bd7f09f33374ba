import { gunzipSync } from 'node:zlib'
import { isRecord } from '../model/is-record.ts'

/** Where a GrafanaDashboard of grafana-operator has its dashboard from. */
export type GrafanaDashboardSource =
  | { readonly text: string }
  | { readonly configMap: string; readonly key: string }
  /** A field that says where it is to be fetched from, or how it is to be made. */
  | { readonly elsewhere: string }

/** Undefined where it names no source, or none that can be understood. */
export const sourceOfGrafanaDashboard = (object: unknown): GrafanaDashboardSource | undefined => {
  const spec = isRecord(object) && isRecord(object.spec) ? object.spec : {}
  if (typeof spec.json === 'string' && spec.json !== '') return { text: spec.json }
  if (typeof spec.gzipJson === 'string' && spec.gzipJson !== '') {
    const text = unpacked(spec.gzipJson)
    return text === undefined ? undefined : { text }
  }
  const ref = spec.configMapRef
  if (isRecord(ref) && typeof ref.name === 'string' && typeof ref.key === 'string')
    return { configMap: ref.name, key: ref.key }
  const elsewhere = remote.find(field => spec[field] !== undefined)
  return elsewhere === undefined ? undefined : { elsewhere: `spec.${elsewhere}` }
}

const remote = ['url', 'grafanaCom', 'oci', 'jsonnet', 'jsonnetLib'] as const

/** An object holds at most 1.5 MB: what is larger unpacked was made to hurt. */
const maxOutputLength = 64 * 1024 * 1024

const unpacked = (base64: string): string | undefined => {
  try {
    return gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength }).toString('utf8')
  } catch {
    return undefined
  }
}

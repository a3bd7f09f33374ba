import { gunzipSync } from 'node:zlib'
import type { HelmRelease } from '../model/helm-release.ts'
import { isRecord } from '../model/is-record.ts'
import { allowedIn } from './allowed-values.ts'

export interface InvalidRelease {
  /** Why it could not be read, one line. Never a part of what stood there. */
  readonly invalid: string
}

/**
 * Reads `.data.release` of a Secret of type helm.sh/release.v1: base64 (Kubernetes), base64 (Helm), gzip, JSON.
 * Helm reads releases that were stored without gzip too, and so does this. Of the values only `allowedValues`
 * come through, and `allowedUnder`.
 */
export const decodeHelmRelease = (data: string): HelmRelease | InvalidRelease => {
  const release = unpackRelease(data)
  return 'invalid' in release ? release : releaseFrom(release.json)
}

/** The stored JSON as it is, with every value the user typed in it. */
export const unpackRelease = (data: string): InvalidRelease | { readonly json: unknown } => {
  const stored = fromBase64(data)
  const packed = stored && fromBase64(stored.toString('latin1'))
  if (!packed) return { invalid: 'the release is not base64' }
  const text = unpack(packed)
  if (text === undefined) return { invalid: 'the release is broken gzip, or larger than 64 MB unpacked' }
  const json = parse(text)
  return json === undefined ? { invalid: 'the release is not JSON' } : { json }
}

/** 64 MB: a release Secret holds at most 1 MB, so anything larger was made to hurt. */
const maxOutputLength = 64 * 1024 * 1024

/** Node skips what is not base64 instead of refusing it; Kubernetes and Helm do not. */
const fromBase64 = (text: string): Buffer | undefined =>
  text !== '' && /^[A-Za-z0-9+/]+={0,2}\s*$/.test(text) ? Buffer.from(text, 'base64') : undefined

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08

const unpack = (bytes: Buffer): string | undefined => {
  if (!isGzip(bytes)) return bytes.toString('utf8')
  try {
    return gunzipSync(bytes, { maxOutputLength }).toString('utf8')
  } catch {
    return undefined
  }
}

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown
  } catch {
    return undefined
  }
}

const releaseFrom = (release: unknown): HelmRelease | InvalidRelease => {
  if (!isRecord(release)) return { invalid: 'the release is not an object' }
  const info = recordOf(release.info)
  const chart = recordOf(release.chart)
  const metadata = recordOf(chart.metadata)
  const { name, namespace, version: revision } = release
  if (typeof name !== 'string' || typeof namespace !== 'string' || typeof revision !== 'number')
    return { invalid: 'the release has no name, namespace or revision' }
  return {
    namespace,
    name,
    revision,
    status: textOf(info.status) ?? 'unknown',
    chart: {
      name: textOf(metadata.name) ?? '',
      version: textOf(metadata.version) ?? '',
      ...optional('appVersion', metadata.appVersion),
    },
    ...optional('firstDeployed', info.first_deployed),
    ...optional('lastDeployed', info.last_deployed),
    values: allowedIn(release.config),
    defaults: allowedIn(chart.values),
  }
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {})

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const optional = <K extends string>(key: K, value: unknown): { readonly [P in K]?: string } => {
  const text = textOf(value)
  return (text === undefined ? {} : { [key]: text }) as { readonly [P in K]?: string }
}

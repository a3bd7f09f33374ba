import type { Read, Unavailable } from '../model/read.ts'
import type { Kind } from './cluster.ts'
import { redactText } from './redaction.ts'
import type { Sent } from './transport.ts'

/** What was asked, in RBAC's words. */
export type Asked = Pick<Unavailable, 'verb' | 'resource' | 'namespace' | 'name'>

export const unavailable = (asked: Asked, why: Unavailable['why'], message: string): Read<never> => ({
  ok: false,
  unavailable: {
    why,
    verb: asked.verb,
    resource: asked.resource,
    ...(asked.namespace === undefined ? {} : { namespace: asked.namespace }),
    ...(asked.name === undefined ? {} : { name: asked.name }),
    message: oneLine(redactText(message)),
  },
})

/** Why an answer of the API server is none, with the server's own words. */
export const refusal = (asked: Asked, sent: Exclude<Sent<unknown>, { outcome: 'answered' }>): Read<never> => {
  if (sent.outcome === 'failed') return unavailable(asked, sent.why, sent.message)
  if (isRedirect(sent)) return unavailable(asked, 'invalid', `the server ${wordsOf(sent)}`)
  return unavailable(asked, whyOf(sent.status), saidBy(sent.text, sent.status))
}

/** `prometheuses.monitoring.coreos.com`; the core group has no name. */
export const resourceName = ({ apiVersion, resource }: Kind): string => {
  const group = groupOf(apiVersion)
  return group === '' ? resource : `${resource}.${group}`
}

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''

/** A Kubernetes Status object: the API server itself speaks, not a program behind its proxy. */
export interface Status {
  readonly kind: 'Status'
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: { readonly name?: string; readonly kind?: string }
}

export const parseStatus = (text: string): Status | undefined => {
  try {
    const json: unknown = JSON.parse(text)
    return isStatus(json) ? json : undefined
  } catch {
    return undefined
  }
}

const isStatus = (json: unknown): json is Status =>
  typeof json === 'object' &&
  json !== null &&
  'kind' in json &&
  json.kind === 'Status' &&
  'apiVersion' in json &&
  json.apiVersion === 'v1'

const whyOf = (status: number): Unavailable['why'] => {
  if (status === 401 || status === 403) return 'forbidden'
  if (status === 404) return 'not-served'
  return status === 408 || status === 504
    ? 'timeout'
    : status >= 500 || status === 429 || status === 410
      ? 'unreachable'
      : 'invalid'
}

export const saidBy = (text: string, status: number): string => {
  const message = parseStatus(text)?.message
  if (message) return message
  const plain = plainWords(text)
  return `the server answers ${status}${plain === '' ? '' : `: ${plain}`}`
}

type Refused = Extract<Sent<unknown>, { outcome: 'refused' }>

/** What a program says no with, where it does not say so in JSON; empty where it says nothing. */
export const wordsOf = (sent: Refused): string =>
  isRedirect(sent)
    ? `redirects to ${hostOf(sent.headers.location)}: a login page or a proxy may stand in between`
    : plainWords(sent.text)

const isRedirect = ({ status }: Refused): boolean => status >= 300 && status < 400

const plainWords = (text: string): string => (/^\s*</.test(text) ? 'an HTML page' : oneLine(text).slice(0, 200))

const hostOf = (location: string | undefined): string => URL.parse(location ?? '')?.host ?? 'another page'

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

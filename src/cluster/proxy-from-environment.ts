import { portOfUrl } from '../model/port-of-url.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for a URL, as kubectl understands them; undefined: go
 * straight. Upstream: golang.org/x/net/http/httpproxy, config.proxyForURL.
 */
export const proxyFromEnvironment = (url: URL, env: Environment): string | undefined => {
  const proxy = variable(env, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '')
  if (proxy === undefined || isLocal(host)) return undefined
  const port = String(portOfUrl(url))
  const excepted = (variable(env, 'NO_PROXY') ?? '')
    .split(',')
    .some(entry => excepts(entry.trim().toLowerCase(), host, port))
  if (excepted) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

const variable = (env: Environment, name: string): string | undefined =>
  env[name] || env[name.toLowerCase()] || undefined

const isLocal = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)

/** `*`, an address, a CIDR range, `.domain` (only below it) or `domain` (it and below), each with an optional port. */
const excepts = (entry: string, host: string, port: string): boolean => {
  if (entry === '') return false
  if (entry === '*') return true
  if (entry.includes('/')) return inRange(entry, host)
  const [, name = '', wantedPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []
  if (wantedPort !== undefined && wantedPort !== port) return false
  const domain = name.replace(/^\*/, '')
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

/** IPv4 ranges; a name is never looked up for this. */
const inRange = (range: string, host: string): boolean => {
  const [base = '', bits = ''] = range.split('/')
  const [address, start] = [ipv4(host), ipv4(base)]
  if (address === undefined || start === undefined) return false
  const size = 2 ** (32 - Number(bits))
  return Math.floor(address / size) === Math.floor(start / size)
}

const ipv4 = (text: string): number | undefined =>
  /^\d+\.\d+\.\d+\.\d+$/.test(text) ? text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) : undefined

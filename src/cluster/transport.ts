import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly agent?: http.Agent | undefined
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: string
  /** How a certificate is judged, where the agent does not say. */
  readonly tls?: https.RequestOptions
}

/** What came back: an answer read to its end, a status that says no with its words, or a failure on the way. */
export type Sent<T> =
  | {
      readonly outcome: 'answered'
      readonly status: number
      readonly headers: http.IncomingHttpHeaders
      readonly body: T
    }
  | {
      readonly outcome: 'refused'
      readonly status: number
      readonly headers: http.IncomingHttpHeaders
      readonly text: string
    }
  | { readonly outcome: 'failed'; readonly why: 'timeout' | 'unreachable' | 'invalid'; readonly message: string }

/** Reads the body of an answer with a 2xx status. Throws InvalidAnswer where it is nonsense. */
export type Consume<T> = (chunks: AsyncIterable<Buffer>) => Promise<T>

export interface Transport {
  send<T>(request: WireRequest, consume: Consume<T>): Promise<Sent<T>>
  requests(): number
}

/** An answer came, and is not what it should be. */
export class InvalidAnswer extends Error {}

/**
 * Sends requests by node:http until `deadline` is over. Never throws for what the network does. A request is repeated
 * only where it cannot have been answered: a kept-alive connection that the server had closed meanwhile, and a 429
 * that names when to come back. Redirects are not followed: an API server sends none, a login page does.
 */
export const openTransport = (deadline: AbortSignal, timeoutMs: number): Transport => {
  let sent = 0
  const once = async <T>(request: WireRequest, consume: Consume<T>): Promise<Sent<T>> => {
    sent++
    const response = await exchange(request, deadline)
    const status = response.statusCode ?? 0
    const body = decoded(response)
    if (status < 200 || status > 299)
      return { outcome: 'refused', status, headers: response.headers, text: await readStart(body) }
    return { outcome: 'answered', status, headers: response.headers, body: await consume(body) }
  }
  const send = async <T>(request: WireRequest, consume: Consume<T>, triesLeft: number): Promise<Sent<T>> => {
    try {
      const answer = await once(request, consume)
      const pause = pauseAsked(answer)
      if (pause === undefined || triesLeft === 0) return answer
      await wait(pause, undefined, { signal: deadline })
    } catch (error) {
      if (!(error instanceof StaleConnection) || triesLeft === 0)
        return failureOf(error, request.url, deadline, timeoutMs)
    }
    return send(request, consume, triesLeft - 1)
  }
  return { send: (request, consume) => send(request, consume, 3), requests: () => sent }
}

/** Reads a body of text of at most `limit` bytes. */
export const readText =
  (limit = 64 * 1024 * 1024): Consume<string> =>
  async chunks => {
    const parts: Buffer[] = []
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > limit) throw new InvalidAnswer(`an answer of more than ${Math.round(limit / 1024 / 1024)} MB`)
      parts.push(chunk)
    }
    return Buffer.concat(parts).toString('utf8')
  }

/** Reads a body of JSON. */
export const readJson: Consume<unknown> = async chunks => parseJson(await readText()(chunks))

/** @throws InvalidAnswer that says what stands there instead. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidAnswer(notJson(text), { cause: error })
  }
}

const notJson = (text: string): string => {
  if (text.trim() === '') return 'an empty answer'
  if (/^\s*</.test(text)) return 'an HTML page instead of JSON: a login page or a proxy may stand in between'
  return /^\s*[{[]/.test(text) ? 'JSON that ends in the middle or is broken' : 'something that is not JSON'
}

class StaleConnection extends Error {}

const exchange = ({ method, url, agent, headers, body, tls }: WireRequest, signal: AbortSignal) =>
  new Promise<http.IncomingMessage>((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    const sending = request(url, {
      ...tls,
      ...(agent ? { agent } : {}),
      method,
      headers: {
        ...headers,
        'accept-encoding': 'gzip',
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      signal,
    })
    sending.on('response', resolve)
    sending.on('error', (error: NodeJS.ErrnoException) => {
      const stale = sending.reusedSocket && !signal.aborted && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(stale ? new StaleConnection(error.message, { cause: error }) : error)
    })
    sending.end(body)
  })

const decoded = (response: http.IncomingMessage): Readable => {
  if (response.headers['content-encoding'] !== 'gzip') return response
  const plain = response.pipe(createGunzip())
  response.on('error', error => plain.destroy(error))
  return plain
}

/** The first words of a refusal: enough for a Status object, not enough for a flood. */
const readStart = async (body: Readable): Promise<string> => {
  let text = ''
  for await (const chunk of body) {
    text += String(chunk)
    if (text.length > 256 * 1024) break
  }
  return text
}

/** Milliseconds that a 429 asks to wait. client-go waits likewise; a pause over five seconds is not worth a run. */
const pauseAsked = (answer: Sent<unknown>): number | undefined => {
  if (answer.outcome !== 'refused' || answer.status !== 429) return undefined
  const seconds = Number(answer.headers['retry-after'])
  return answer.headers['retry-after'] !== undefined && seconds >= 0 && seconds <= 5 ? seconds * 1000 : undefined
}

const failureOf = (thrown: unknown, url: URL, deadline: AbortSignal, timeoutMs: number): Sent<never> => {
  if (deadline.aborted) {
    const late = deadline.reason instanceof Error && deadline.reason.name === 'TimeoutError'
    return {
      outcome: 'failed',
      why: 'timeout',
      message: late ? `no answer within ${timeoutMs / 1000} s` : 'interrupted',
    }
  }
  const error = thrown instanceof AggregateError && thrown.errors[0] ? thrown.errors[0] : thrown
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (error instanceof InvalidAnswer)
    return { outcome: 'failed', why: 'invalid', message: `${url.host} sent ${error.message}` }
  if (code.startsWith('Z_') || code.startsWith('HPE_'))
    return { outcome: 'failed', why: 'invalid', message: `${url.host} sent an answer that is broken: ${words(error)}` }
  return {
    outcome: 'failed',
    why: 'unreachable',
    message: (reasons[code] ?? (() => `${url.host}: ${words(error)}`))(url.host),
  }
}

const reasons: Readonly<Record<string, (host: string) => string>> = {
  ECONNREFUSED: host => `${host} refuses the connection`,
  ECONNRESET: host => `${host} closed the connection in the middle of the answer`,
  EPIPE: host => `${host} closed the connection in the middle of the request`,
  ENOTFOUND: host => `no address is known for ${host}`,
  EAI_AGAIN: host => `no address could be looked up for ${host}`,
  EHOSTUNREACH: host => `there is no route to ${host}`,
  ENETUNREACH: host => `there is no network to ${host}`,
  ETIMEDOUT: host => `${host} does not take the connection`,
}

const words = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim()

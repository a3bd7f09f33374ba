/**
 * The answer of one read of the world. A refusal, a timeout or a kind that is not served is a value like any
 * other: it never becomes an exception, and never an empty list.
 */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly unavailable: Unavailable }

export interface Unavailable {
  readonly why:
    | 'forbidden' // 401 or 403: these credentials may not
    | 'unreachable' // refused, reset, TLS, name resolution, 5xx
    | 'timeout' // no answer within --timeout
    | 'not-served' // the API server has no such kind (404 on a list): the CRD is missing
    | 'invalid' // an answer that is not what it should be: HTML, truncated JSON, broken gzip
    | 'not-live' // a snapshot or manifests cannot tell
    | 'not-recorded' // a snapshot that did not record this read
  /** What was asked, in kubectl's words: `list`, `get`, `create`, `get pods/proxy`. */
  readonly verb: string
  /** Plural resource with its group, as in RBAC: `prometheuses.monitoring.coreos.com`, `pods/proxy`. */
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
  /** The other side's words, one line. */
  readonly message: string
}

/**
 * A list put together from several reads. `unread` holds those that were refused or failed: what they would have
 * shown may not be called missing (see `isCompleteIn`).
 */
export interface Listing<T> {
  readonly items: readonly T[]
  readonly unread: readonly Unavailable[]
  /** Where a list of all namespaces was refused: the namespaces that were read instead. */
  readonly within?: readonly string[]
}

/** All that a list shows, and nothing where it could not be read: for what may be told without it, never to call missing. */
export const itemsIn = <T>(read: Read<Listing<T>>): readonly T[] => (read.ok ? read.value.items : [])

/** All that a list could not show: parts of it, or the whole. */
export const unreadIn = (read: Read<Listing<unknown>>): readonly Unavailable[] =>
  read.ok ? read.value.unread : [read.unavailable]

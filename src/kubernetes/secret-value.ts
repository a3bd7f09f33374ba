import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { SecretValue } from '../model/kubernetes.ts'

/** What stands in redacted text in the place of what it hides. */
export const redactedMark = '<redacted>'

/**
 * What kind of value it is, in a few words: `empty`, `opaque`, or what stands in its PEM, of which the first block, the
 * first certificate and the first private key count. Behind the slash: eight digits of the public key, by which a
 * certificate and its key are known to belong together (too few to look the certificate up by), or that Go's parsers
 * refuse it, an encrypted key included. No slash: nobody knows, as in snapshots of before, for an unusual kind of key,
 * or where a part of the text was redacted.
 */
export const secretValueOf = (text: string): SecretValue => {
  if (text === '') return 'empty'
  const blocks = blocksOf(text)
  const counted = blocks.filter(
    (block, index) =>
      index === 0 || (block.kind !== 'pem' && index === blocks.findIndex(({ kind }) => kind === block.kind)),
  )
  return counted.map(wordOf).join(' ') || 'opaque'
}

/** Whether the value is such a word already. None of them is valid base64. */
export const isSecretValue = (text: string): boolean => words.test(text)

const word = '(?:pem|certificate|private-key)(?:/(?:invalid|[0-9a-f]{8}))?'
const words = new RegExp(`^(?:empty|opaque|${word}(?: ${word}){0,2})$`)

/** The first of a kind in the PEM; undefined where there is none. */
export const pemOf = (value: SecretValue, kind: Pem['kind'] | 'first'): Pem | undefined =>
  value === 'empty' || value === 'opaque'
    ? undefined
    : value
        .split(' ')
        .map(asPem)
        .find((one, index) => (kind === 'first' ? index === 0 : one.kind === kind))

export interface Pem {
  /** `pem` is a block of any other type. */
  readonly kind: 'certificate' | 'private-key' | 'pem'
  /** Undefined where nobody knows. */
  readonly key: string | 'invalid' | undefined
}

const asPem = (text: string): Pem => {
  const [kind, key] = text.split('/')
  return { kind: kind === 'certificate' || kind === 'private-key' ? kind : 'pem', key }
}

interface Block {
  readonly kind: Pem['kind']
  /** Undefined where it was redacted. */
  readonly der: Buffer | undefined
}

/**
 * As Go finds them (encoding/pem, Decode): each line whole, the body strict base64, and what is broken passed over.
 * No line of a body begins with dashes, so that a hostile text costs linear time.
 */
const pattern = new RegExp(
  `^-----BEGIN (.+)-----[ \\t]*\\r?\\n((?:(?!-----)[^\\n]*\\n)*)-----END \\1-----[ \\t]*\\r?$|${redactedMark}`,
  'gm',
)

const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(pattern)].flatMap(([, type, body = '']): readonly Block[] => {
    if (type === undefined) return [{ kind: 'pem', der: undefined }]
    const kind = kindOf(type)
    if (body.includes(redactedMark)) return [{ kind, der: undefined }]
    const lines = body.split('\n')
    const base64 = lines
      .slice(lines.findIndex(line => !line.includes(':')))
      .join('')
      .replaceAll(/[ \t\r]/g, '')
    const isStrict = base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)
    return isStrict ? [{ kind, der: Buffer.from(base64, 'base64') }] : []
  })

const kindOf = (type: string): Pem['kind'] =>
  type === 'CERTIFICATE' ? 'certificate' : /(?:^| )PRIVATE KEY$/.test(type) ? 'private-key' : 'pem'

const wordOf = ({ kind, der }: Block): string => {
  const key = der === undefined ? undefined : kind === 'private-key' ? keyOfPrivateKey(der) : keyOfCertificate(der)
  // Another type with a certificate inside is taken as a CA, and as nothing else.
  return key === undefined || (kind === 'pem' && key !== 'invalid') ? kind : `${kind}/${key}`
}

const keyOfCertificate = (der: Buffer): Pem['key'] => {
  const certificate = attempt(() => new X509Certificate(der))
  if (certificate?.raw.length !== der.length) return 'invalid'
  return attempt(() => digitsOf(certificate.publicKey))
}

/** Whatever the type says, Go tries all three. */
const keyOfPrivateKey = (der: Buffer): Pem['key'] => {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const key = attempt(() => createPrivateKey({ key: der, format: 'der', type }))
    if (key) return attempt(() => digitsOf(createPublicKey(key)))
  }
  return 'invalid'
}

/** Throws for the few kinds of key that have no JWK. */
const digitsOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(JSON.stringify(key.export({ format: 'jwk' })))
    .digest('hex')
    .slice(0, 8)

const attempt = <T>(parse: () => T): T | undefined => {
  try {
    return parse()
  } catch {
    return undefined
  }
}

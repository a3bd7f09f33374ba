import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSecretValue, pemOf, redactedMark, secretValueOf } from '../../src/kubernetes/secret-value.ts'
import { certificate, ecPrivateKey, otherCertificate, otherPrivateKey, privateKey } from './pems.ts'

const key = pemOf(secretValueOf(privateKey), 'private-key')?.key
const otherKey = pemOf(secretValueOf(otherPrivateKey), 'private-key')?.key

const pem = (type: string, body: string) => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`
const bodyOf = (text: string) => text.trim().split('\n').slice(1, -1).join('\n')
const derOf = (text: string) => Buffer.from(bodyOf(text), 'base64')
const encrypted = createPrivateKey(privateKey)
  .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString()
const unusual = generateKeyPairSync('ec', { namedCurve: 'secp224r1' })
  .privateKey.export({ format: 'pem', type: 'pkcs8' })
  .toString()

describe('secretValueOf', () => {
  it('tells a key from another', () => {
    expect(key).toMatch(/^[0-9a-f]{8}$/)
    expect(otherKey).not.toBe(key)
  })

  it.each<[what: string, text: string, word: string]>([
    ['nothing', '', 'empty'],
    ['text', 'admin', 'opaque'],
    ['a certificate', certificate, `certificate/${key}`],
    ['with \\r\\n', certificate.replaceAll('\n', '\r\n'), `certificate/${key}`],
    ['with text around it', `a CA:\n\n${certificate}\nend`, `certificate/${key}`],
    ['with blanks inside', pem('CERTIFICATE', bodyOf(certificate).replaceAll('M', 'M ')), `certificate/${key}`],
    ['with headers', pem('CERTIFICATE', `Owner: team\nNote: a\n\n${bodyOf(certificate)}`), `certificate/${key}`],
    ['a private key', privateKey, `private-key/${key}`],
    ['as older tools write it', ecPrivateKey, `private-key/${key}`],
    ['under a wrong name', pem('RSA PRIVATE KEY', bodyOf(privateKey)), `private-key/${key}`],
    ['an encrypted one', encrypted, 'private-key/invalid'],
    ['of a curve that has no JWK', unusual, 'private-key'],
    ['a certificate and its key', certificate + privateKey, `certificate/${key} private-key/${key}`],
    ['the key first', privateKey + certificate, `private-key/${key} certificate/${key}`],
    ['a bundle', certificate + otherCertificate + certificate, `certificate/${key}`],
    ['garbage in the right frame', pem('CERTIFICATE', 'bm90IGEgY2VydGlmaWNhdGU='), 'certificate/invalid'],
    [
      'something behind the certificate',
      pem('CERTIFICATE', Buffer.concat([derOf(certificate), Buffer.of(0)]).toString('base64')),
      'certificate/invalid',
    ],
    ['a key under the name of a certificate', pem('CERTIFICATE', bodyOf(privateKey)), 'certificate/invalid'],
    ['a frame that holds no base64', pem('CERTIFICATE', 'not base64!'), 'opaque'],
    ['a frame that holds none, and one that does', pem('CERTIFICATE', '!') + certificate, `certificate/${key}`],
    ['all in one line', certificate.replaceAll('\n', ' '), 'opaque'],
    ['indented', certificate.replaceAll(/^/gm, '  '), 'opaque'],
    ['an end of another type', certificate.replace('END CERTIFICATE', 'END X509'), 'opaque'],
    ['another type, a certificate inside', pem('X509 CERTIFICATE', bodyOf(certificate)), 'pem'],
    ['another type, none inside', pem('PUBLIC KEY', 'MFkw'), 'pem/invalid'],
    [
      'parameters before the key',
      pem('EC PARAMETERS', 'BggqhkjOPQMBBw==') + ecPrivateKey,
      `pem/invalid private-key/${key}`,
    ],
    ['a key that was redacted', `${redactedMark}\n${certificate}`, `pem certificate/${key}`],
    ['a certificate of which a part was', certificate.replace(/MI.{20}/, redactedMark), 'certificate'],
  ])('%s', (_, text, expected) => {
    expect(secretValueOf(text)).toBe(expected)
    expect(isSecretValue(expected)).toBe(true)
  })

  it('takes no value for one of its words', () => {
    fc.assert(fc.property(fc.base64String({ minLength: 1 }), text => !isSecretValue(text)))
    for (const text of ['certificate/', 'certificate/zz', 'certificate certificate certificate pem', ' opaque', ''])
      expect(isSecretValue(text), text).toBe(false)
  })

  it('is linear in a hostile text', () => {
    const begins = '-----BEGIN A-----\n'.repeat(60_000)
    expect(secretValueOf(begins)).toBe('opaque')
    expect(secretValueOf(`-----BEGIN A-----\n${'a: b\n'.repeat(200_000)}`)).toBe('opaque')
  })
})

describe('pemOf', () => {
  it.each<[value: string, kind: 'first' | 'certificate' | 'private-key', found: unknown]>([
    ['empty', 'first', undefined],
    ['opaque', 'certificate', undefined],
    ['certificate', 'first', { kind: 'certificate', key: undefined }],
    ['private-key/00c0ffee certificate/invalid', 'first', { kind: 'private-key', key: '00c0ffee' }],
    ['private-key/00c0ffee certificate/invalid', 'certificate', { kind: 'certificate', key: 'invalid' }],
    ['private-key/00c0ffee', 'certificate', undefined],
  ])('%s, %s', (value, kind, found) => {
    expect(pemOf(value, kind)).toEqual(found)
  })
})

import { describe, expect, it } from 'vitest'
import type { Endpoint, ServiceMonitor } from '../../src/model/kubernetes.ts'
import type { ReferencedObject } from '../../src/model/prometheus.ts'
import { emptyFiles, referenceProblems } from '../../src/prometheus/reference-problems.ts'
import { referencedKeys } from '../../src/prometheus/referenced-keys.ts'
import { serviceMonitor } from '../engine/world.ts'

const monitor = (endpoint: Endpoint): ServiceMonitor => ({
  ...serviceMonitor,
  spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics', ...endpoint }] },
})
const from = (key: string) => ({ secret: { name: 'login', key } })
const token = monitor({ authorization: { credentials: { name: 'login', key: 'token' } } })
const ca = monitor({ tlsConfig: { ca: from('ca.crt') } })
const pair = monitor({ tlsConfig: { cert: from('tls.crt'), keySecret: { name: 'login', key: 'tls.key' } } })
const caOfMap = monitor({ tlsConfig: { ca: { configMap: { name: 'login', key: 'ca.crt' } } } })
const keyFile = monitor({ tlsConfig: { cert: from('tls.crt'), keyFile: '/etc/key' } })

const held = (data?: Readonly<Record<string, string>>, kind = 'Secret', namespace = 'inference'): ReferencedObject => ({
  ref: { apiVersion: 'v1', kind, namespace, name: 'login' },
  ...(data ? { data } : {}),
})
const pairOf = (crt: string, key: string) => [held({ 'tls.crt': crt, 'tls.key': key })]
const caOf = (value: string) => [held({ 'ca.crt': value })]
const around = (objects: readonly ReferencedObject[]) => ({ namespace: 'inference', objects })

const noPem = 'what stands there is no PEM'
const noCertificate = 'what stands there is no certificate'
const noKey = 'what stands there is no private key, or an encrypted one'

describe('referenceProblems', () => {
  it.each<[what: string, of: ServiceMonitor, objects: readonly ReferencedObject[], actual: string | undefined]>([
    ['the key is there', token, [held({ token: 'opaque' })], undefined],
    ['the Secret is not', token, [held()], 'there is no such Secret'],
    ['the key is not', token, [held({ user: 'opaque', pass: 'opaque' })], 'its keys are pass, user'],
    ['it has no key at all', token, [held({})], 'its keys are none'],
    ['it was not read', token, [], undefined],
    ['it is of another namespace', token, [held(undefined, 'Secret', 'observability')], undefined],
    ['a ConfigMap of that name is not there', token, [held(undefined, 'ConfigMap')], undefined],
    ['a token that is empty', token, [held({ token: 'empty' })], undefined],
    ['no name', monitor({ basicAuth: { username: { key: 'x' } } }), [], 'no name'],
    ['a CA', ca, caOf('certificate/0a0a0a0a'), undefined],
    ['a CA, in a snapshot of before', ca, caOf('certificate'), undefined],
    ['a CA that is no PEM', ca, caOf('opaque'), noPem],
    ['a CA that is garbage', ca, caOf('certificate/invalid'), noCertificate],
    ['a CA that is a key', ca, caOf('private-key/0a0a0a0a'), noCertificate],
    ['a CA behind a key', ca, caOf('private-key/0a0a0a0a certificate/0a0a0a0a'), noCertificate],
    ['a CA before a key', ca, caOf('certificate/0a0a0a0a private-key/0a0a0a0a'), undefined],
    ['a CA that is a key, in a snapshot of before: or both', ca, caOf('private-key'), undefined],
    ['a CA of another type of PEM', ca, caOf('pem'), undefined],
    ['a CA of another type of PEM, no certificate inside', ca, caOf('pem/invalid'), noCertificate],
    ['a CA that is empty: the operator does not look at it', ca, caOf('empty'), undefined],
    ['a pair', pair, pairOf('certificate/0a0a0a0a', 'private-key/0a0a0a0a'), undefined],
    ['a pair, in a snapshot of before', pair, pairOf('certificate', 'private-key'), undefined],
    ['a pair of which one is of an unusual kind', pair, pairOf('certificate/0a0a0a0a', 'private-key'), undefined],
    [
      'a certificate and the key of another',
      pair,
      pairOf('certificate/0a0a0a0a', 'private-key/0b0b0b0b'),
      'it is the key of another certificate',
    ],
    ['a pair that is swapped', pair, pairOf('private-key/0a0a0a0a', 'certificate/0a0a0a0a'), noCertificate],
    [
      'both in each',
      pair,
      pairOf('private-key/0a0a0a0a certificate/0a0a0a0a', 'certificate/0a0a0a0a private-key/0a0a0a0a'),
      undefined,
    ],
    ['a certificate that is no PEM', pair, pairOf('opaque', 'private-key/0a0a0a0a'), noPem],
    ['a certificate that is garbage', pair, pairOf('certificate/invalid', 'private-key/0a0a0a0a'), noCertificate],
    ['a key that is no PEM', pair, pairOf('certificate/0a0a0a0a', 'opaque'), noPem],
    ['a key that is garbage', pair, pairOf('certificate/0a0a0a0a', 'private-key/invalid'), noKey],
    ['a key that is a certificate', pair, pairOf('certificate/0a0a0a0a', 'certificate/0a0a0a0a'), noKey],
    ['a key that is empty', pair, pairOf('opaque', 'empty'), undefined],
    ['a certificate that is empty', pair, pairOf('empty', 'opaque'), undefined],
    ['a certificate whose key is a file', keyFile, pairOf('opaque', 'opaque'), undefined],
    ['a CA of a ConfigMap', caOfMap, [held({ 'ca.crt': 'certificate/0a0a0a0a' }, 'ConfigMap')], undefined],
    ['a CA of a ConfigMap that is no PEM', caOfMap, [held({ 'ca.crt': 'opaque' }, 'ConfigMap')], noPem],
    ['a ConfigMap that is not there', caOfMap, [held(undefined, 'ConfigMap')], 'there is no such ConfigMap'],
    ['nothing is referred to', serviceMonitor, [held()], undefined],
  ])('%s', (_, of, objects, actual) => {
    const problems = referenceProblems(referencedKeys(of), around(objects))
    expect(problems[0]?.actual).toBe(actual)
  })

  it('looks at the values once all of them are there', () => {
    const all = monitor({ tlsConfig: { ca: from('ca.crt'), ...pair.spec?.endpoints?.[0]?.tlsConfig } })
    const problems = referenceProblems(referencedKeys(all), around([held({ 'ca.crt': 'opaque', 'tls.crt': 'opaque' })]))
    expect(problems.map(({ path, actual }) => [path, actual])).toEqual([
      ['spec.endpoints[0].tlsConfig.keySecret', 'its keys are ca.crt, tls.crt'],
      ['spec.endpoints[0].tlsConfig.ca.secret', noPem],
    ])
  })
})

describe('emptyFiles', () => {
  it.each<[what: string, of: ServiceMonitor, objects: readonly ReferencedObject[], path: string | undefined]>([
    ['a CA', ca, caOf('empty'), 'spec.endpoints[0].tlsConfig.ca.secret'],
    ['a key', pair, pairOf('certificate', 'empty'), 'spec.endpoints[0].tlsConfig.keySecret'],
    ['a CA that is there', ca, caOf('certificate'), undefined],
    ['a CA that was not read', ca, [], undefined],
    ['a CA of oauth2', monitor({ oauth2: { tlsConfig: { ca: from('ca.crt') } } }), caOf('empty'), undefined],
    ['a token: no file is made of it', token, [held({ token: 'empty' })], undefined],
  ])('%s', (_, of, objects, path) => {
    expect(emptyFiles(referencedKeys(of), around(objects))[0]?.path).toBe(path)
  })
})

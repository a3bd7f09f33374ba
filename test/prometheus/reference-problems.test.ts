import { describe, expect, it } from 'vitest'
import type { Endpoint, ServiceMonitor } from '../../src/model/kubernetes.ts'
import type { ReferencedObject } from '../../src/model/prometheus.ts'
import { referenceProblems } from '../../src/prometheus/reference-problems.ts'
import { serviceMonitor } from '../engine/world.ts'

const monitor = (endpoint: Endpoint): ServiceMonitor => ({
  ...serviceMonitor,
  spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics', ...endpoint }] },
})
const token = monitor({ authorization: { credentials: { name: 'login', key: 'token' } } })
const ca = monitor({ tlsConfig: { ca: { secret: { name: 'login', key: 'ca.crt' } } } })
const key = monitor({ tlsConfig: { keySecret: { name: 'login', key: 'tls.key' } } })
const caOfMap = monitor({ tlsConfig: { ca: { configMap: { name: 'login', key: 'ca.crt' } } } })

const held = (data?: Readonly<Record<string, string>>, kind = 'Secret', namespace = 'inference'): ReferencedObject => ({
  ref: { apiVersion: 'v1', kind, namespace, name: 'login' },
  ...(data ? { data } : {}),
})

describe('referenceProblems', () => {
  it.each<[what: string, of: ServiceMonitor, objects: readonly ReferencedObject[], actual: string | undefined]>([
    ['the key is there', token, [held({ token: 'opaque' })], undefined],
    ['the Secret is not', token, [held()], 'there is no such Secret'],
    ['the key is not', token, [held({ user: 'opaque', pass: 'opaque' })], 'its keys are pass, user'],
    ['it has no key at all', token, [held({})], 'its keys are none'],
    ['it was not read', token, [], undefined],
    ['it is of another namespace', token, [held(undefined, 'Secret', 'observability')], undefined],
    ['a ConfigMap of that name is not there', token, [held(undefined, 'ConfigMap')], undefined],
    ['a CA', ca, [held({ 'ca.crt': 'certificate' })], undefined],
    ['a CA that is none', ca, [held({ 'ca.crt': 'opaque' })], 'what stands there is no PEM'],
    ['a CA that is empty', ca, [held({ 'ca.crt': 'empty' })], 'what stands there is no PEM'],
    ['a key', key, [held({ 'tls.key': 'private-key' })], undefined],
    ['a key that is none', key, [held({ 'tls.key': 'opaque' })], 'what stands there is no PEM'],
    ['a CA of a ConfigMap', caOfMap, [held({ 'ca.crt': 'any text' }, 'ConfigMap')], undefined],
    ['a ConfigMap that is not there', caOfMap, [held(undefined, 'ConfigMap')], 'there is no such ConfigMap'],
    ['nothing is referred to', serviceMonitor, [held()], undefined],
  ])('%s', (_, of, objects, actual) => {
    const problems = referenceProblems(of, objects)
    expect(problems[0]?.actual).toBe(actual)
    expect(problems.map(({ code }) => code)).toEqual(actual === undefined ? [] : ['monitor/rejected-missing-secret'])
  })
})

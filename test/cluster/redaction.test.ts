import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { openManifests } from '../../src/cluster/manifests.ts'
import { redact, redactText } from '../../src/cluster/redaction.ts'
import { record } from '../../src/cluster/snapshot.ts'
import { certificate, privateKey } from '../kubernetes/pems.ts'
import { writtenBy } from './written-by.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('of a Secret', () => {
  test('what kind of value each key holds remains', () => {
    const data = { crt: base64(certificate), key: base64(privateKey), user: base64('admin'), none: '', nil: null }
    expect(redact({ kind: 'Secret', data, stringData: { more: 'x', blank: '' } })).toEqual({
      kind: 'Secret',
      data: {
        crt: 'certificate/5dd6b7a7',
        key: 'private-key/5dd6b7a7',
        user: 'opaque',
        none: 'empty',
        nil: 'empty',
        more: 'opaque',
        blank: 'empty',
      },
    })
  })

  test('a word of before stays what it was', () => {
    const data = { crt: 'certificate', key: 'private-key', user: 'opaque', none: 'empty' }
    expect(redact({ kind: 'Secret', data })).toEqual({ kind: 'Secret', data })
  })
})

describe('text', () => {
  test.each([
    ['token eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJr.c2ln-x done', 'token <redacted> done'],
    ['Authorization: Bearer abc123def456', 'Authorization: Bearer <redacted>'],
    ['authorization: Basic YWRtaW46', 'authorization: Basic <redacted>'],
    ['http://u:p@ss@kps.observability:9090/x', 'http://<redacted>@kps.observability:9090/x'],
    ['http://u:p/q@kps:9090/x', 'http://<redacted>@kps:9090/x'],
    ['mail jane.doe@example.org now', 'mail <redacted> now'],
    ['password: hunter22', 'password: <redacted>'],
    ['admin_password = a b,c', 'admin_password = <redacted>'],
    ['{"password":"a\\"b","n":1}', '{"password":"<redacted>","n":1}'],
    ['{"x":"{\\"api_key\\": \\"abc\\"}"}', '{"x":"{\\"api_key\\": \\"<redacted>\\"}"}'],
    [`key ${privateKey.trim()} end`, 'key <redacted> end'],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected)
  })

  test.each([
    'grafana/k8s-sidecar@sha256:0123456789abcdef',
    'endpoints[0]: authorization: failed to get authorization token of type "Bearer"',
    'password: $GF_PASSWORD',
    '{"password": null, "secretKeys": ["a"], "tokens": 3}',
    'Prometheus does not use bearer authentication',
    'secret "kps-login" not found',
    'http://kps.observability.svc:9090/api?x=a@b',
    'http://kps:9090 and http://other/a',
    'expr: sum by (key) (rate(x{secret="y"}[5m]))',
    certificate,
  ])('stays: %s', text => {
    expect(redactText(text)).toBe(text)
  })
})

describe('arguments and variables named like a secret', () => {
  test('lose their value; those that name a place keep it', () => {
    const container = {
      args: [
        '--password',
        'p1',
        '--token-file=/t',
        '--web.token=p2',
        '--verbose',
        'plain',
        '--secret-name',
        'kps-login',
      ],
      command: ['sh', '-c', 'run --db-password=p3 --port=80'],
      env: [
        { name: 'API_KEY', value: 'p4' },
        { name: 'API_KEY_FILE', value: '/run/k' },
        { name: 'PASSWORD', value: '' },
        { name: 'LABEL', value: 'grafana_dashboard' },
      ],
    }
    expect(redact(container)).toEqual({
      args: [
        '--password',
        '<redacted>',
        '--token-file=/t',
        '--web.token=<redacted>',
        '--verbose',
        'plain',
        '--secret-name',
        'kps-login',
      ],
      command: ['sh', '-c', 'run --db-password=<redacted> --port=80'],
      env: [
        { name: 'API_KEY', value: '<redacted>' },
        { name: 'API_KEY_FILE', value: '/run/k' },
        { name: 'PASSWORD', value: '' },
        { name: 'LABEL', value: 'grafana_dashboard' },
      ],
    })
  })

  test('references to Secrets stay whole', () => {
    const endpoint = {
      basicAuth: { password: { name: 'kps-login', key: 'password' } },
      bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      authorization: { type: 'Bearer', credentials: { name: 'a', key: 'token' } },
    }
    expect(redact(endpoint)).toEqual(endpoint)
  })
})

/** Each with a core that must not be found again. */
const planted = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{12,40}$/).map(core => ({ core, text: `eyJ${core}.eyJx.${core}` })),
  fc.stringMatching(/^[A-Za-z0-9]{12,40}$/).map(core => ({ core, text: `Bearer ${core}7` })),
  fc
    .stringMatching(/^[A-Za-z0-9+/]{12,40}$/)
    .map(core => ({ core, text: `-----BEGIN PRIVATE KEY-----\n${core}\n-----END PRIVATE KEY-----` })),
  fc.stringMatching(/^[A-Za-z0-9]{12,40}$/).map(core => ({ core, text: `https://reader:${core}@kps.example.org/x` })),
  fc.stringMatching(/^[a-z0-9]{12,40}$/).map(core => ({ core, text: `${core}@example.org` })),
)

/** Any JSON with the text somewhere inside: as a value, as a key, or inside another string. */
const jsonWith = (text: string): fc.Arbitrary<unknown> =>
  fc.letrec<{ node: unknown }>(tie => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constant(text),
      fc
        .tuple(fc.stringMatching(/^[ -~]{0,20}$/), fc.stringMatching(/^[ -~]{0,20}$/))
        .map(([before, after]) => `${before} ${text} ${after}`),
      fc.constant({ [text]: 1 }),
      fc.tuple(fc.jsonValue(), tie('node')).map(([other, node]) => [other, node]),
      fc
        .tuple(fc.string(), tie('node'), fc.string(), fc.jsonValue())
        .map(([a, node, b, other]) => ({ [b]: other, [a]: node })),
      tie('node').map(node => ({ args: [node], metadata: { annotations: { x: node } } })),
    ),
  })).node

describe('properties', () => {
  const secretInside = planted.chain(({ core, text }) => jsonWith(text).map(json => ({ core, json })))

  test('no secret planted anywhere survives', () => {
    fc.assert(fc.property(secretInside, ({ core, json }) => !JSON.stringify(redact(json)).includes(core)))
  })

  test('redacting twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          secretInside.map(({ json }) => json),
          fc.jsonValue(),
        ),
        json => JSON.stringify(redact(redact(json))) === JSON.stringify(redact(json)),
      ),
    )
  })

  test('nor does it reach the file of a snapshot, whatever cluster is recorded', async () => {
    const nothing = openManifests({
      files: [{ name: 'a', text: '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}' }],
    })
    await fc.assert(
      fc.asyncProperty(secretInside, async ({ core, json }) => {
        const leaky: Cluster = { ...nothing, http: async () => ({ ok: true, value: { status: 200, body: json } }) }
        const recorder = record(leaky, {
          tool: '0',
          recordedAt: '',
          narrowing: { fallbackNamespaces: [], prometheusUrl: `http://a:${encodeURIComponent(core)}@b.c` },
        })
        await recorder.cluster.http({ service: 'grafana', path: `/x?a=Bearer ${core}7` })
        expect(await writtenBy(recorder)).not.toContain(core)
      }),
      { numRuns: 25 },
    )
  })
})

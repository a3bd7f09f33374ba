import { describe, expect, it } from 'vitest'
import { parseDashboardAnswer, parseDataSources, parseNamesakes } from '../../src/grafana/api.ts'
import { loginOf } from '../../src/grafana/login.ts'
import type { EnvVar } from '../../src/model/kubernetes.ts'
import { grafanaContainer, workload } from './workloads.ts'

const found = (meta: unknown) => ({ status: 200, body: { dashboard: { title: 'Serving' }, meta } })

describe('parseDashboardAnswer', () => {
  it.each([
    [
      'found, from a file',
      found({ provisionedExternalId: 'team/x.json' }),
      { uid: 'u', found: true, title: 'Serving', provisionedFrom: 'team/x.json' },
    ],
    ['found, made by hand', found({ provisionedExternalId: '' }), { uid: 'u', found: true, title: 'Serving' }],
    ['found, without meta', found(undefined), { uid: 'u', found: true, title: 'Serving' }],
    [
      'not found, in Grafana’s words',
      { status: 404, body: { message: 'Dashboard not found' } },
      { uid: 'u', found: false },
    ],
    ['there in a newer schema', { status: 406, body: undefined }, { uid: 'u', found: true }],
  ])('%s', (_, answer, wanted) => {
    expect(parseDashboardAnswer('u', answer)).toMatchObject(wanted)
  })

  it.each([
    ['a wrong login', { status: 401, body: {} }, '401'],
    ['no permission', { status: 403, body: {} }, '403'],
    ['a proxy’s 404', { status: 404, body: undefined }, 'sub-path'],
    ['a redirect', { status: 301, body: undefined }, '301'],
    ['a failure', { status: 500, body: { message: 'x' } }, '500'],
    ['something else with 200', { status: 200, body: { ok: true } }, 'not a dashboard'],
    ['no JSON with 200', { status: 200, body: undefined }, 'not a dashboard'],
  ])('cannot tell from %s', (_, answer, words) => {
    expect(parseDashboardAnswer('u', answer)).toEqual({ cannotAsk: expect.stringContaining(words) as string })
  })
})

describe('loginOf', () => {
  const from = (name: string, key: string, secret = 'kps-grafana'): EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  })
  const login = (env: readonly EnvVar[]) => loginOf(workload({ containers: [] }), { ...grafanaContainer, env })

  it('names the Secret’s keys', () => {
    expect(login([from('GF_SECURITY_ADMIN_USER', 'u'), from('GF_SECURITY_ADMIN_PASSWORD', 'p')])).toEqual({
      namespace: 'observability',
      secret: 'kps-grafana',
      userKey: 'u',
      passwordKey: 'p',
    })
  })

  it.each<[string, readonly EnvVar[]]>([
    ['nothing set', []],
    ['a user in the open', [{ name: 'GF_SECURITY_ADMIN_USER', value: 'me' }, from('GF_SECURITY_ADMIN_PASSWORD', 'p')]],
    ['two Secrets', [from('GF_SECURITY_ADMIN_USER', 'u', 'other'), from('GF_SECURITY_ADMIN_PASSWORD', 'p')]],
    [
      'set again in the open',
      [
        from('GF_SECURITY_ADMIN_USER', 'u'),
        from('GF_SECURITY_ADMIN_PASSWORD', 'p'),
        { name: 'GF_SECURITY_ADMIN_PASSWORD', value: 'x' },
      ],
    ],
  ])('has none: %s', (_, env) => {
    expect(login(env)).toBeUndefined()
  })

  it('has none without a container', () => {
    expect(loginOf(workload({ containers: [] }), undefined)).toBeUndefined()
  })
})

describe('parseDashboardAnswer, of what it finds,', () => {
  it('keeps the queries and the data sources', () => {
    const panels = [{ title: 'A', datasource: { type: 'prometheus', uid: 'p' }, targets: [{ expr: 'up' }] }]
    expect(parseDashboardAnswer('u', { status: 200, body: { dashboard: { panels } } })).toEqual({
      uid: 'u',
      found: true,
      queries: [{ where: 'panel “A”', expression: 'up' }],
      dataSourceUids: ['p'],
    })
  })
})

describe('parseNamesakes', () => {
  it.each<[string, number, unknown, readonly string[]]>([
    ['exactly that title', 200, [{ title: 'T', uid: 'a' }, { title: 'T 2', uid: 'b' }, { title: 'T' }, 1], ['a']],
    ['a refusal', 401, { message: 'x' }, []],
    ['nonsense', 200, {}, []],
  ])('%s', (_, status, body, wanted) => {
    expect(parseNamesakes('T', { status, body })).toEqual(wanted)
  })
})

describe('parseDataSources', () => {
  it.each<[string, number, unknown, unknown]>([
    [
      'one',
      200,
      [{ id: 1, name: 'P', type: 'prometheus', uid: 'p', url: 'http://a', access: 'proxy', isDefault: true }],
      [{ name: 'P', type: 'prometheus', uid: 'p', url: 'http://a', access: 'proxy', isDefault: true }],
    ],
    [
      'without an address',
      200,
      [{ name: 'G', type: 'grafana', url: '' }],
      [{ name: 'G', type: 'grafana', isDefault: false }],
    ],
    ['none', 200, [], []],
    ['a Viewer', 403, {}, { cannotAsk: expect.stringContaining('403') }],
    ['a wrong login', 401, {}, { cannotAsk: expect.stringContaining('401') }],
    ['a page', 200, undefined, { cannotAsk: expect.any(String) }],
  ])('%s', (_, status, body, wanted) => {
    expect(parseDataSources({ status, body })).toEqual(wanted)
  })
})

import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { openManifests } from '../../src/cluster/manifests.ts'
import { openSnapshot, parseSnapshot, record } from '../../src/cluster/snapshot.ts'

const pods = { apiVersion: 'v1', kind: 'Pod', resource: 'pods' }
const about = {
  tool: '0.1.0',
  recordedAt: '2026-03-02T10:00:00Z',
  narrowing: { operatorNamespace: 'inference', fallbackNamespaces: [] },
}
const cluster: Cluster = {
  ...openManifests({
    files: [
      { name: 'all.yaml', text: '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"inference"}}' },
    ],
  }),
  source: { kind: 'live', name: 'prod-eu', namespace: 'inference', live: true },
  requests: () => 7,
}

const recorded = async () => {
  const recorder = record(cluster, about)
  await recorder.cluster.list(pods)
  await recorder.cluster.get({ ...pods, namespace: 'inference', name: 'none' })
  await recorder.cluster.version()
  return recorder
}

const file = (name = 'run.snapshot') => join(mkdtempSync(join(tmpdir(), 'snapshot-')), name)

describe('a recording', () => {
  test('is a file of mode 0600, a header and a line per answer, in the order of the questions', async () => {
    const to = file()
    await (await recorded()).write(to)
    expect(statSync(to).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(to, '..'))).toEqual(['run.snapshot'])
    const lines = readFileSync(to, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines[0]).toEqual({ format: 'dynamo-metrics-snapshot', version: 1, ...about, source: cluster.source })
    expect(lines.slice(1).map(({ op }) => op)).toEqual(['get', 'list', 'version'])
  })

  test('has the same bytes in whatever order was asked', async () => {
    const [one, two] = [file(), file()]
    await (await recorded()).write(one)
    const other = record(cluster, about)
    await other.cluster.version()
    await other.cluster.get({ name: 'none', namespace: 'inference', ...pods })
    await other.cluster.list(pods)
    await other.write(two)
    expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'))
  })

  test('that cannot be written is the user’s to mend, and leaves nothing behind', async () => {
    await expect((await recorded()).write('/nowhere/run.snapshot')).rejects.toMatchObject({ name: 'UserError' })
  })
})

describe('a replay', () => {
  test('answers what was recorded, refusals too, under the name it was recorded with', async () => {
    const to = file()
    await (await recorded()).write(to)
    const { cluster: replay, header } = await openSnapshot(to)
    expect(header.narrowing).toEqual(about.narrowing)
    expect(replay.source).toEqual({ kind: 'snapshot', name: 'prod-eu', namespace: 'inference', live: true })
    expect(replay.requests()).toBe(0)
    expect(await replay.list({ ...pods })).toEqual(await cluster.list(pods))
    expect(await replay.get({ ...pods, namespace: 'inference', name: 'none' })).toEqual({ ok: true })
    expect(await replay.version()).toEqual(await cluster.version())
  })

  test('of a read that was not recorded is no answer', async () => {
    const to = file()
    await (await recorded()).write(to)
    const { cluster: replay } = await openSnapshot(to)
    expect(await replay.list({ ...pods, labelSelector: 'a=b' })).toMatchObject({
      ok: false,
      unavailable: { why: 'not-recorded', verb: 'list', resource: 'pods' },
    })
    expect(await replay.resources('apps/v1')).toMatchObject({ ok: false, unavailable: { why: 'not-recorded' } })
    expect(await replay.helmRelease({ namespace: 'a', name: 'b' })).toMatchObject({
      ok: false,
      unavailable: { why: 'not-recorded', resource: 'secrets' },
    })
  })

  const header = JSON.stringify({ format: 'dynamo-metrics-snapshot', version: 1, ...about, source: cluster.source })
  test.each([
    [
      'a newer version',
      '{"format":"dynamo-metrics-snapshot","version":2}',
      /format 2, this program reads up to 1/,
      /Update/,
    ],
    ['another file', 'apiVersion: v1', /is no snapshot/, /snapshot/],
    ['an empty file', '', /is no snapshot/, /snapshot/],
    ['a broken header', '{"format":"dynamo-metrics-snapshot","version":1}', /broken first line/, /again/],
    [
      'a line that is cut off',
      `${header}\n{"op":"version","query":null,"answer":{"ok":true}}\n{"op":"lis`,
      /broken in line 3/,
      /again/,
    ],
    ['an unknown operation', `${header}\n{"op":"drop","query":null,"answer":{"ok":true}}`, /broken in line 2/, /again/],
  ])('of %s is refused with a hint', (_name, text, message, hint) => {
    expect(() => parseSnapshot(text, 'x.snapshot')).toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    )
  })

  test('of a file that is not there is refused with a hint', async () => {
    await expect(openSnapshot('/nowhere/x')).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('/nowhere/x'),
    })
  })
})

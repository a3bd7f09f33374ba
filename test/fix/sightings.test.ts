import { describe, expect, it } from 'vitest'
import { filesIn, sightingsBetween } from '../../src/fix/sightings.ts'
import type { ApplyWrite, PatchWrite } from '../../src/fix/write.ts'

const ref = (name: string) => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  namespace: 'observability',
  name,
})

const secrets = (versions: Readonly<Record<string, string>>) => ({
  configSecrets: Object.entries(versions).map(([name, resourceVersion]) => ({
    prometheus: ref(name),
    resourceVersion,
  })),
})

describe('the Secrets of the configurations, from one look to the next', () => {
  it.each([
    ['as before', { kps: '7', edge: '9' }, { kps: '7', edge: '9' }, []],
    ['one is written anew', { kps: '7', edge: '9' }, { kps: '8', edge: '9' }, [ref('kps')]],
    ['one is made', { edge: '9' }, { kps: '1', edge: '9' }, [ref('kps')]],
    ['one is gone', { kps: '7', edge: '9' }, { edge: '9' }, []],
    ['two have one version', { kps: '7', edge: '7' }, { kps: '7', edge: '8' }, [ref('edge')]],
  ])('%s', (_what, before, now, configured) => {
    expect(sightingsBetween(secrets(before), secrets(now), []).configured).toEqual(configured)
  })

  it.each([
    ['before', {}, secrets({ kps: '7' })],
    ['now', secrets({ kps: '7' }), {}],
  ])('are not known where they could not be read %s', (_when, before, now) => {
    expect(sightingsBetween(before, now, []).configured).toBeUndefined()
  })
})

describe('a file that a sidecar wrote', () => {
  const line = (file: string, second = 1) =>
    `{"time": "2026-11-23T08:00:0${second}", "level": "INFO", "msg": "Writing /tmp/dashboards/${file} (ascii)"}`
  it.each([
    ['is new', [], [line('gpu.json')], true],
    ['was there before', [line('gpu.json')], [line('gpu.json')], false],
    ['is written once more', [line('gpu.json')], [line('gpu.json'), line('gpu.json', 2)], true],
    ['is another one', [], [line('nodes.json')], false],
    ['has the name of the object before it', [], [line('namespace_ai.configmap_boards.gpu.json')], true],
    ['is spoken of otherwise', [], ['{"level": "INFO", "msg": "Removing /tmp/dashboards/gpu.json (ascii)"}'], false],
  ])('%s', (_what, before, now, fileWritten) => {
    expect(sightingsBetween({ sidecarLines: before }, { sidecarLines: now }, ['gpu.json']).fileWritten).toBe(
      fileWritten,
    )
  })

  it('is one of a ConfigMap that is changed or made', () => {
    const made = (kind: string, data: unknown) => ({ apiVersion: 'v1', kind, metadata: { name: 'boards' }, data })
    const patch = { do: 'patch', after: made('ConfigMap', { 'gpu.json': '{}' }) } as unknown as PatchWrite
    const apply = { do: 'apply', after: made('ConfigMap', { 'net.json': '{}' }) } as unknown as ApplyWrite
    const other = { do: 'apply', after: made('Secret', { 'login.json': '' }) } as unknown as ApplyWrite
    expect(filesIn([patch, apply, other])).toEqual(['gpu.json', 'net.json'])
  })
})

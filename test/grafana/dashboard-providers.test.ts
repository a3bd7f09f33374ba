import { describe, expect, it } from 'vitest'
import { parseProviders, providerSources, readersOf } from '../../src/grafana/dashboard-providers.ts'
import { readGrafana } from '../../src/grafana/read-grafana.ts'
import type { Container, Volume } from '../../src/model/kubernetes.ts'
import { grafanaContainer, workload } from './workloads.ts'

const folder = '/etc/grafana/provisioning/dashboards'
const boards: Volume = { name: 'boards', configMap: { name: 'kps-boards' } }
const at = (mountPath: string, subPath?: string) => ({
  name: 'boards',
  mountPath,
  ...(subPath === undefined ? {} : { subPath }),
})
const sources = (parts: Partial<Container>, volume: Volume = boards) =>
  providerSources(readGrafana(workload({ containers: [{ ...grafanaContainer, ...parts }], volumes: [volume] })))

describe('providerSources', () => {
  it.each<[string, Partial<Container>, ReturnType<typeof providerSources>]>([
    [
      'one file',
      { volumeMounts: [at(`${folder}/x.yaml`, 'provider.yaml')] },
      [{ configMap: 'kps-boards', key: 'provider.yaml' }],
    ],
    ['all files', { volumeMounts: [at(folder)] }, [{ configMap: 'kps-boards' }]],
    [
      'elsewhere, where the environment says so',
      { env: [{ name: 'GF_PATHS_PROVISIONING', value: '/p' }], volumeMounts: [at('/p/dashboards/'), at(folder)] },
      [{ configMap: 'kps-boards' }],
    ],
    ['none', { volumeMounts: [at('/etc/grafana/provisioning/datasources'), at('/tmp/boards')] }, []],
    ['none at all', {}, []],
    ['the folder above', { volumeMounts: [at('/etc/grafana/provisioning')] }, undefined],
    ['a folder below', { volumeMounts: [at(`${folder}/team`)] }, undefined],
    ['a file that Grafana may not take', { volumeMounts: [at(`${folder}/x.json`, 'x')] }, undefined],
    ['another image', { image: 'mirror.local/team/boards:1', name: 'grafana' }, undefined],
    ['an enterprise image by its digest', { image: 'x:5000/grafana/grafana-enterprise:12@sha256:0' }, []],
    ['a folder that cannot be read', { env: [{ name: 'GF_PATHS_PROVISIONING', value: '$(P)' }] }, undefined],
    ['an environment that cannot be read', { envFrom: [{}] }, undefined],
    ['arguments, which may say another', { args: ['--config=/x'] }, undefined],
  ])('%s', (_, parts, wanted) => {
    expect(sources(parts)).toEqual(wanted)
  })

  it.each<[string, Volume]>([
    ['a Secret', { name: 'boards', secret: { secretName: 'x' } }],
    ['an empty one', { name: 'boards', emptyDir: {} }],
    ['some keys', { name: 'boards', configMap: { name: 'x', items: [] } as Volume['configMap'] } as Volume],
  ])('does not tell what is in a volume of another kind: %s', (_, volume) => {
    expect(sources({ volumeMounts: [at(folder)] }, volume)).toBeUndefined()
  })
})

describe('parseProviders', () => {
  const file = (...providers: readonly object[]) => JSON.stringify({ apiVersion: 1, providers })
  it.each<[string, string, ReturnType<typeof parseProviders>]>([
    ['one', file({ name: 'a', updateIntervalSeconds: 90, options: { path: '/b' } }), [{ path: '/b', seconds: 90 }]],
    ['ten seconds unless it says', file({ options: { path: '/b' } }), [{ path: '/b', seconds: 10 }]],
    ['no file in the file', '# nothing', []],
    ['one of which the path is not known', file({ options: { path: '/b' } }, { options: { path: '$B' } }), undefined],
    ['a variable behind the root', file({ options: { path: '/$B' } }), undefined],
    ['a relative path', file({ options: { path: 'b' } }), undefined],
    ['the old form', '- name: a', undefined],
    ['no YAML', '{', undefined],
  ])('%s', (_, text, wanted) => {
    expect(parseProviders(text)).toEqual(wanted)
  })
})

describe('readersOf', () => {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'observability', name: 'x' }
  it.each([
    ['/tmp/boards', true],
    ['/tmp/boards/team/a', true],
    ['/tmp/boards/.git', false],
    ['/tmp/boards-2', false],
    ['/tmp', false],
  ])('%s: %s', (directory, wanted) => {
    expect(readersOf(directory, [{ path: '/tmp/boards/', seconds: 10, ref }]).length > 0).toBe(wanted)
  })
})

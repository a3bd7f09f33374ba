import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sidecarFiles } from '../../src/grafana/sidecar-files.ts'
import type { Sidecar, SidecarSettings } from '../../src/model/grafana.ts'
import { configMap, settings, sidecar } from './workloads.ts'

const set = (change: SidecarSettings, parts: Partial<Sidecar> = {}) => sidecar({ ...settings, ...change }, parts)
const inDirectory = (directory: string, annotation = 'k8s-sidecar-target-directory') =>
  configMap({ annotations: { [annotation]: directory } })
const paths = (given: Sidecar, object = configMap(), keys: readonly string[] = ['board.json']) =>
  sidecarFiles({ sidecar: given, grafanaNamespace: 'observability', configMap: object, keys }).map(({ path }) => path)

describe('sidecarFiles', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['the key alone', paths(sidecar()), ['board.json']],
    ['.url leaves the name', paths(sidecar(), configMap(), ['board.json.url']), ['board.json']],
    ['what Grafana does not read', paths(sidecar(), configMap(), ['a.yaml', 'b.JSON', 'c.json']), ['c.json']],
    ['a directory below', paths(sidecar(), inDirectory('team/a')), ['team/a/board.json']],
    ['an absolute one below', paths(sidecar(), inDirectory('/tmp/boards/team/')), ['team/board.json']],
    ['FOLDER itself', paths(sidecar(), inDirectory('/tmp/boards')), ['board.json']],
    ['one that climbs', paths(sidecar(), inDirectory('../other')), ['/tmp/other/board.json']],
    ['one elsewhere', paths(sidecar(), inDirectory('/srv')), ['/srv/board.json']],
    ['FOLDER_ANNOTATION', paths(set({ FOLDER_ANNOTATION: 'dir' }), inDirectory('x', 'dir')), ['x/board.json']],
    ['… that another annotation is not', paths(set({ FOLDER_ANNOTATION: 'dir' }), inDirectory('x')), ['board.json']],
    ['FOLDER_ANNOTATION empty: none', paths(set({ FOLDER_ANNOTATION: '' }), inDirectory('x')), ['board.json']],
    [
      'UNIQUE_FILENAMES',
      paths(set({ UNIQUE_FILENAMES: 'true' })),
      ['namespace_dashboards.configmap_operator-board.board.json'],
    ],
    [
      'UNIQUE_FILENAMES in capitals',
      paths(set({ UNIQUE_FILENAMES: 'True' })).map(path => path.slice(0, 9)),
      ['namespace'],
    ],
    ['UNIQUE_FILENAMES yes, which is no', paths(set({ UNIQUE_FILENAMES: 'yes' })), ['board.json']],
    ['another label value', paths(set({ LABEL_VALUE: 'no' })), []],
    ['another namespace', paths(set({ NAMESPACE: 'a,b' })), []],
    ['Secrets only', paths(set({ RESOURCE: 'secret' })), []],
    ['a name that cannot be read', paths(set({}, { unreadable: ['UNIQUE_FILENAMES'] })), []],
    ['a script, which may rename it', paths(set({ SCRIPT: '/move.sh' })), []],
    ['a label that cannot be read', paths(set({}, { unreadable: ['LABEL'] })), []],
  ])('%s', (_, found, wanted) => {
    expect(found).toEqual(wanted)
  })

  it('never lets two objects share a file with UNIQUE_FILENAMES', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/)
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [one, other] = [a, b].map(own => paths(set({ UNIQUE_FILENAMES: 'true' }), configMap({ name: own })))
        expect(one?.[0] === other?.[0]).toBe(a === b)
      }),
    )
  })
})

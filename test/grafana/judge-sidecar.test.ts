import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeSidecar, type SidecarGate } from '../../src/grafana/judge-sidecar.ts'
import type { Sidecar, SidecarSettings } from '../../src/model/grafana.ts'
import type { ConfigMap } from '../../src/model/kubernetes.ts'
import { configMap, settings, sidecar } from './workloads.ts'

const judge = (given: Sidecar, file: ConfigMap = configMap()) =>
  judgeSidecar({ sidecar: given, grafanaNamespace: 'observability', configMap: file })
const failing = (gates: readonly SidecarGate[]) =>
  gates.filter(({ passes }) => passes === false).map(({ gate }) => gate)
const unknown = (gates: readonly SidecarGate[]) =>
  gates.filter(({ passes }) => passes === 'unknown').map(({ gate }) => gate)
const set = (change: SidecarSettings): Sidecar => sidecar({ ...settings, ...change })
const without = (...names: (keyof SidecarSettings)[]): Sidecar =>
  sidecar(
    Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name as keyof SidecarSettings))),
  )

describe('judgeSidecar', () => {
  it('passes a file that the sidecar takes, gate by gate in order', () => {
    const gates = judge(sidecar())
    expect(gates.map(({ gate }) => gate)).toEqual([
      'resource',
      'namespace',
      'name',
      'label-key',
      'label-value',
      'file',
      'kept',
    ])
    expect(gates.every(({ passes }) => passes === true)).toBe(true)
  })

  it.each<[string, Sidecar, ConfigMap, readonly string[]]>([
    ['RESOURCE unset means ConfigMaps', without('RESOURCE'), configMap(), []],
    ['RESOURCE secret', set({ RESOURCE: 'secret' }), configMap(), ['resource']],
    ['NAMESPACE unset means Grafana’s own', without('NAMESPACE'), configMap(), ['namespace']],
    ['… where the file is there', without('NAMESPACE'), configMap({ namespace: 'observability' }), []],
    ['NAMESPACE names it', set({ NAMESPACE: 'x,dashboards' }), configMap(), []],
    ['… with a blank, which is kept', set({ NAMESPACE: 'x, dashboards' }), configMap(), ['namespace']],
    ['NAMESPACE all', set({ NAMESPACE: 'all' }), configMap(), ['namespace']],
    ['ALL among others', set({ NAMESPACE: 'x,ALL' }), configMap(), []],
    ['NAMESPACE empty', set({ NAMESPACE: '' }), configMap(), ['namespace']],
    ['no label', sidecar(), configMap({ labels: { other: 'yes' } }), ['label-key', 'label-value']],
    ['another value', sidecar(), configMap({ labels: { dash: 'Yes' } }), ['label-value']],
    ['LABEL_VALUE unset: any value', without('LABEL_VALUE'), configMap({ labels: { dash: '' } }), []],
    ['LABEL_VALUE empty: any value', set({ LABEL_VALUE: '' }), configMap({ labels: { dash: 'x' } }), []],
    ['a comma is another condition', set({ LABEL_VALUE: 'yes,true' }), configMap(), ['label-value']],
    ['… that can be met', set({ LABEL_VALUE: 'yes,true' }), configMap({ labels: { dash: 'yes', true: '' } }), []],
    ['RESOURCE_NAME with NAMESPACE=ALL is ignored', set({ RESOURCE_NAME: 'other' }), configMap(), []],
    ['RESOURCE_NAME leaves it out', set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'other' }), configMap(), ['name']],
    [
      'RESOURCE_NAME names it, and labels do not count',
      set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'operator-board' }),
      configMap({ labels: {} }),
      [],
    ],
    [
      '… with its kind',
      set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'configmap/operator-board' }),
      configMap({ labels: {} }),
      [],
    ],
    [
      '… in another namespace, so the label counts',
      set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'x/configmap/operator-board' }),
      configMap({ labels: {} }),
      ['label-key', 'label-value'],
    ],
    [
      '… of Secrets, so the label counts',
      set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'secret/other' }),
      configMap(),
      [],
    ],
    [
      '… with a blank, which is kept',
      set({ NAMESPACE: 'dashboards', RESOURCE_NAME: 'x, operator-board' }),
      configMap(),
      ['name'],
    ],
    [
      '… beside ALL, where its namespace is named too',
      set({ NAMESPACE: 'dashboards,ALL', RESOURCE_NAME: 'operator-board' }),
      configMap({ labels: {} }),
      [],
    ],
    [
      '… beside ALL, where its namespace is not',
      set({ NAMESPACE: 'other,ALL', RESOURCE_NAME: 'operator-board' }),
      configMap({ labels: {} }),
      ['label-key', 'label-value'],
    ],
    [
      'files of all but the last namespace, in 2.8.0 that passes over what has not changed',
      sidecar({ ...settings, NAMESPACE: 'dashboards,b', IGNORE_ALREADY_PROCESSED: 'True' }, { version: '2.8.0' }),
      configMap(),
      ['kept'],
    ],
    [
      '… of the last',
      sidecar({ ...settings, NAMESPACE: 'b,dashboards', IGNORE_ALREADY_PROCESSED: 'true' }, { version: '2.7.1' }),
      configMap(),
      [],
    ],
    [
      '… which 2.8.1 keeps',
      sidecar({ ...settings, NAMESPACE: 'dashboards,b', IGNORE_ALREADY_PROCESSED: 'true' }, { version: '2.8.1' }),
      configMap(),
      [],
    ],
    [
      '… and 2.7.0 too',
      sidecar({ ...settings, NAMESPACE: 'dashboards,b', IGNORE_ALREADY_PROCESSED: 'true' }, { version: '2.7.0' }),
      configMap(),
      [],
    ],
    [
      '… and 2.8.0 where the watch writes all again',
      sidecar({ ...settings, NAMESPACE: 'dashboards,b' }, { version: '2.8.0' }),
      configMap(),
      [],
    ],
    ['no data', sidecar(), configMap({ data: {} }), ['file']],
    ['a key of another suffix', sidecar(), configMap({ data: { 'board.yaml': '{}' } }), ['file']],
    ['a key in capitals', sidecar(), configMap({ data: { 'board.JSON': '{}' } }), ['file']],
    ['an address of a dashboard', sidecar(), configMap({ data: { 'board.json.url': 'http://x' } }), []],
    ['binary data', sidecar(), configMap({ data: {}, binaryData: { 'board.json': 'e30=' } }), []],
    ['a folder below', sidecar(), configMap({ annotations: { 'k8s-sidecar-target-directory': 'team' } }), []],
    [
      'an absolute folder below',
      sidecar(),
      configMap({ annotations: { 'k8s-sidecar-target-directory': '/tmp/boards/team' } }),
      [],
    ],
    [
      'a folder elsewhere',
      sidecar(),
      configMap({ annotations: { 'k8s-sidecar-target-directory': '/tmp/boards-2' } }),
      ['file'],
    ],
    ['a hidden folder', sidecar(), configMap({ annotations: { 'k8s-sidecar-target-directory': 'a/.git' } }), ['file']],
    [
      'an annotation that this sidecar does not read',
      set({ FOLDER_ANNOTATION: 'folder' }),
      configMap({ annotations: { 'k8s-sidecar-target-directory': '/x' } }),
      [],
    ],
  ])('%s', (_, given, file, wanted) => {
    expect(failing(judge(given, file))).toEqual(wanted)
  })

  it.each<[keyof SidecarSettings, readonly string[]]>([
    ['RESOURCE', ['resource']],
    ['NAMESPACE', ['namespace']],
    ['LABEL', ['label-key', 'label-value']],
    ['LABEL_VALUE', ['label-value']],
  ])('concludes nothing from %s where it cannot be read', (name, wanted) => {
    const gates = judge(sidecar(without(name).settings, { unreadable: [name] }))
    expect(unknown(gates)).toEqual(wanted)
    expect(failing(gates)).toEqual([])
  })

  it.each<[string, Sidecar, ConfigMap, readonly string[]]>([
    [
      'names that may apply, in namespaces that cannot be read',
      sidecar({ ...without('NAMESPACE').settings, RESOURCE_NAME: 'other' }, { unreadable: ['NAMESPACE'] }),
      configMap(),
      ['namespace', 'name', 'label-key', 'label-value'],
    ],
    [
      'names that do not apply there',
      sidecar({ ...without('NAMESPACE').settings, RESOURCE_NAME: 'x/configmap/y' }, { unreadable: ['NAMESPACE'] }),
      configMap(),
      ['namespace'],
    ],
    ['a script that may rename', set({ SCRIPT: '/move.sh' }), configMap({ data: { 'board.jsonnet': '{}' } }), ['file']],
    ['a script that has nothing to move', set({ SCRIPT: '/move.sh' }), configMap(), []],
    [
      'a script that may be set elsewhere',
      sidecar(settings, { unreadable: ['SCRIPT'] }),
      configMap({ annotations: { 'k8s-sidecar-target-directory': '/srv' } }),
      ['file'],
    ],
    [
      'an annotation that may be the folder',
      sidecar(settings, { unreadable: ['FOLDER_ANNOTATION'] }),
      configMap({ annotations: { team: '/srv' } }),
      ['file'],
    ],
    ['no annotation', sidecar(settings, { unreadable: ['FOLDER_ANNOTATION'] }), configMap(), []],
    [
      'whether 2.8.0 passes over what has not changed',
      sidecar(
        { ...settings, NAMESPACE: 'dashboards,b' },
        { version: '2.8.0', unreadable: ['IGNORE_ALREADY_PROCESSED'] },
      ),
      configMap(),
      ['kept'],
    ],
    [
      '2.8.0 without a watch, which is a race',
      sidecar({ ...settings, NAMESPACE: 'dashboards,b', METHOD: 'SLEEP' }, { version: '2.8.0' }),
      configMap(),
      ['kept'],
    ],
  ])('leaves open: %s', (_, given, file, wanted) => {
    const gates = judge(given, file)
    expect(unknown(gates)).toEqual(wanted)
    expect(failing(gates)).toEqual([])
  })

  it.each<[string, SidecarSettings, Readonly<Record<string, string>>, readonly string[]]>([
    ['in', { LABEL: 'dash in (yes, 1)', LABEL_VALUE: '' }, { dash: '1' }, []],
    ['in, with another value', { LABEL: 'dash in (yes,1)', LABEL_VALUE: '' }, { dash: 'no' }, ['label-value']],
    ['a negated key', { LABEL: '!private', LABEL_VALUE: '' }, { dash: 'yes' }, []],
    ['two keys', { LABEL: 'dash,team', LABEL_VALUE: 'a' }, { dash: 'yes', team: 'a' }, []],
    ['two keys, one of which is missing', { LABEL: 'dash,team', LABEL_VALUE: 'a' }, { dash: 'yes' }, ['label-value']],
    [
      'nonsense, which the API server refuses',
      { LABEL: 'dash in yes', LABEL_VALUE: '' },
      { dash: 'yes' },
      ['label-value'],
    ],
  ])('takes LABEL for a whole selector: %s', (_, change, labels, wanted) => {
    expect(failing(judge(set(change), configMap({ labels })))).toEqual(wanted)
  })

  it('does not look at the kind where RESOURCE_NAME names all three', () => {
    const byName = (entry: string) =>
      failing(judge(set({ NAMESPACE: 'dashboards', RESOURCE_NAME: entry }), configMap({ labels: {} })))
    expect(byName('dashboards/secret/operator-board')).toEqual([])
    expect(byName('secret/operator-board')).toEqual(['label-key', 'label-value'])
  })

  it('never lets the same ConfigMap fail for lack of a label that it has', () => {
    const value = fc.stringMatching(/^[a-zA-Z0-9]{1,8}$/)
    fc.assert(
      fc.property(value, value, (wanted, found) => {
        const gates = judge(set({ LABEL_VALUE: wanted }), configMap({ labels: { dash: found } }))
        expect(failing(gates)).toEqual(wanted === found ? [] : ['label-value'])
      }),
    )
  })

  it('searches exactly the entries of NAMESPACE', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'all', ' a')
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), name, (entries, namespace) => {
        const gates = judge(set({ NAMESPACE: entries.join(',') }), configMap({ namespace }))
        expect(failing(gates).includes('namespace')).toBe(!entries.includes(namespace))
      }),
    )
  })
})

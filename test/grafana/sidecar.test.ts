import { describe, expect, it } from 'vitest'
import { accessNeeded, searchedNamespaces } from '../../src/grafana/sidecar.ts'
import { sidecarMisconfigurations } from '../../src/grafana/sidecar-misconfigurations.ts'
import type { Sidecar, SidecarSettings } from '../../src/model/grafana.ts'
import { settings, sidecar } from './workloads.ts'

const needs = (given: Sidecar) =>
  accessNeeded(given, 'observability').map(({ verb, resource, namespace }) =>
    [verb, resource, namespace ?? '*'].join(' '),
  )

describe('accessNeeded', () => {
  it.each<[string, Sidecar, readonly string[]]>([
    [
      'both kinds everywhere',
      sidecar(),
      ['list configmaps *', 'watch configmaps *', 'list secrets *', 'watch secrets *'],
    ],
    [
      'before 1.31 a refusal of Secrets leaves ConfigMaps alone',
      sidecar(settings, { version: '1.30.10' }),
      ['list configmaps *', 'watch configmaps *'],
    ],
    ['ConfigMaps by default', sidecar({ LABEL: 'x', NAMESPACE: 'ALL' }), ['list configmaps *', 'watch configmaps *']],
    ['its own namespace', sidecar({ LABEL: 'x' }), ['list configmaps observability', 'watch configmaps observability']],
    [
      'namespaces by name, nonsense left out',
      sidecar({ LABEL: 'x', NAMESPACE: 'a,b,a, c' }),
      ['list configmaps a', 'watch configmaps a', 'list configmaps b', 'watch configmaps b'],
    ],
    ['polling', sidecar({ LABEL: 'x', NAMESPACE: 'a', METHOD: 'SLEEP' }), ['list configmaps a']],
    ['by name', sidecar({ LABEL: 'x', NAMESPACE: 'a', RESOURCE_NAME: 'y' }), ['get configmaps a']],
    [
      'by name, which ALL ignores',
      sidecar({ LABEL: 'x', NAMESPACE: 'ALL', RESOURCE_NAME: 'y' }),
      ['list configmaps *', 'watch configmaps *'],
    ],
    ['Secrets alone bring no ConfigMap', sidecar({ LABEL: 'x', RESOURCE: 'secret' }), []],
    ['what cannot be read', sidecar({ LABEL: 'x' }, { unreadable: ['NAMESPACE'] }), []],
  ])('%s', (_, given, wanted) => {
    expect(needs(given)).toEqual(wanted)
  })
})

const everything: SidecarSettings = {
  METHOD: 'SLEEP',
  FOLDER_ANNOTATION: 'dir',
  UNIQUE_FILENAMES: 'true',
  IGNORE_ALREADY_PROCESSED: 'true',
  SCRIPT: '/x.sh',
}

describe('sidecarMisconfigurations', () => {
  const faults = (change: SidecarSettings) =>
    sidecarMisconfigurations(sidecar({ ...settings, ...change })).map(({ setting }) => setting)

  it.each<[string, SidecarSettings, readonly string[]]>([
    ['healthy', {}, []],
    ['no value of the label', { LABEL_VALUE: '' }, []],
    ['several namespaces', { NAMESPACE: 'a,b' }, []],
    ['a comma in the value', { LABEL_VALUE: '1,true' }, ['LABEL_VALUE']],
    ['a blank in the value', { LABEL_VALUE: '1 ' }, ['LABEL_VALUE']],
    ['all', { NAMESPACE: 'all' }, ['NAMESPACE']],
    ['All among others', { NAMESPACE: 'a,All' }, ['NAMESPACE']],
    ['ALL outweighs the rest', { NAMESPACE: 'ALL, b' }, []],
    ['a blank before a namespace', { NAMESPACE: 'a, b' }, ['NAMESPACE']],
    ['an empty namespace', { NAMESPACE: '' }, ['NAMESPACE']],
    ['a kind in the plural', { RESOURCE: 'configmaps' }, ['RESOURCE']],
    ['a set-based selector', { LABEL: 'dash in (a, b)', LABEL_VALUE: '' }, []],
    ['… and a value behind it', { LABEL: 'dash in (a, b)' }, ['LABEL']],
    ['no selector', { LABEL: 'dash in a', LABEL_VALUE: '' }, ['LABEL']],
    ['an empty label, which selects all', { LABEL: '', LABEL_VALUE: '' }, []],
    ['… and a value behind it', { LABEL: '' }, ['LABEL']],
    ['an annotation, polling, a script, unique names', everything, []],
  ])('%s', (_, change, wanted) => {
    expect(faults(change)).toEqual(wanted)
  })

  it.each<[string, Parameters<typeof sidecar>[1], readonly string[]]>([
    ['a folder that Grafana does not mount', { shared: false }, ['FOLDER']],
    ['an init container that watches', { once: true }, ['METHOD']],
  ])('%s', (_, parts, wanted) => {
    expect(sidecarMisconfigurations(sidecar(settings, parts)).map(({ setting }) => setting)).toEqual(wanted)
  })

  it('lets an init container list once, and a script move what is written', () => {
    expect(sidecarMisconfigurations(sidecar({ ...settings, METHOD: 'LIST' }, { once: true }))).toEqual([])
    expect(sidecarMisconfigurations(sidecar({ ...settings, SCRIPT: '/move.sh' }, { shared: false }))).toEqual([])
  })

  it('knows what a sidecar cannot start without', () => {
    const missing = sidecarMisconfigurations(sidecar({}))
    expect(missing.map(({ setting, stops }) => [setting, stops])).toEqual([
      ['LABEL', true],
      ['FOLDER', true],
    ])
  })

  it('judges nothing that cannot be read', () => {
    expect(sidecarMisconfigurations(sidecar({}, { unreadable: ['LABEL', 'FOLDER'] }))).toEqual([])
  })
})

describe('searchedNamespaces', () => {
  it.each<[string, Sidecar, readonly string[] | 'ALL']>([
    ['not set', sidecar({}), ['observability']],
    ['a list', sidecar({ NAMESPACE: 'a,b' }), ['a', 'b']],
    ['as it stands, blanks and all', sidecar({ NAMESPACE: 'a, b' }), ['a', ' b']],
    ['ALL among others', sidecar({ NAMESPACE: 'a,ALL' }), 'ALL'],
    ['all in small letters', sidecar({ NAMESPACE: 'all' }), ['all']],
    ['a list before 1.13, which is one name', sidecar({ NAMESPACE: 'a,b' }, { version: '1.12.3' }), ['a,b']],
  ])('%s', (_, given, wanted) => {
    expect(searchedNamespaces(given, 'observability')).toEqual(wanted)
  })
})

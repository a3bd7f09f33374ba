import { describe, expect, it } from 'vitest'
import { accessNeeded, searchedNamespaces } from '../../src/grafana/sidecar.ts'
import { sidecarMisconfigurations } from '../../src/grafana/sidecar-misconfigurations.ts'
import type { Sidecar, SidecarSettings } from '../../src/model/grafana.ts'
import { settings, sidecar } from './workloads.ts'

const needs = (given: Sidecar) =>
  accessNeeded(given, 'observability').map(({ verb, resource, namespace, name }) =>
    [verb, name === undefined ? resource : `${resource}/${name}`, namespace ?? '*'].join(' '),
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
    ['by name', sidecar({ LABEL: 'x', NAMESPACE: 'a', RESOURCE_NAME: 'y' }), ['get configmaps/y a']],
    [
      'by several names, in each namespace where they apply',
      sidecar({ LABEL: 'x', NAMESPACE: 'a,b', RESOURCE_NAME: 'y,a/configmap/z' }),
      ['get configmaps/y a', 'get configmaps/z a', 'get configmaps/y b'],
    ],
    [
      'by label where no name applies, without a watch',
      sidecar({ LABEL: 'x', NAMESPACE: 'a,b', RESOURCE_NAME: 'a/configmap/z' }),
      ['get configmaps/z a', 'list configmaps b'],
    ],
    [
      'Secrets by label where the names are of ConfigMaps',
      sidecar({ LABEL: 'x', NAMESPACE: 'a', RESOURCE: 'both', RESOURCE_NAME: 'configmap/y' }),
      ['get configmaps/y a', 'list secrets a'],
    ],
    [
      'Secrets by a name of all three parts, whatever kind it says',
      sidecar({ LABEL: 'x', NAMESPACE: 'a', RESOURCE: 'both', RESOURCE_NAME: 'a/configmap/y' }),
      ['get configmaps/y a', 'get secrets/y a'],
    ],
    [
      'one look at the start: a refusal of Secrets has always ended it',
      sidecar({ ...settings, METHOD: 'LIST' }, { version: '1.28.0' }),
      ['list configmaps *', 'list secrets *'],
    ],
    ['with other credentials than its ServiceAccount’s', sidecar({ LABEL: 'x', KUBECONFIG: '/k' }), []],
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
    ['a watch that the API server refuses', { WATCH_SERVER_TIMEOUT: '60s' }, ['WATCH_SERVER_TIMEOUT']],
    ['… with no number at all', { WATCH_SERVER_TIMEOUT: '' }, ['WATCH_SERVER_TIMEOUT']],
    ['… one that it takes', { WATCH_SERVER_TIMEOUT: '3600' }, []],
    ['… without a watch', { WATCH_SERVER_TIMEOUT: '60s', METHOD: 'SLEEP' }, []],
    ['… with names, which are polled', { WATCH_SERVER_TIMEOUT: '60s', NAMESPACE: 'a', RESOURCE_NAME: 'x' }, []],
    ['names that end in a comma', { NAMESPACE: 'a', RESOURCE_NAME: 'x,' }, ['RESOURCE_NAME']],
    ['… which ALL ignores', { RESOURCE_NAME: 'x,' }, []],
    ['no names', { NAMESPACE: 'a', RESOURCE_NAME: '' }, []],
    ['passing over what has not changed', { NAMESPACE: 'a,b', IGNORE_ALREADY_PROCESSED: 'true' }, []],
  ])('%s', (_, change, wanted) => {
    expect(faults(change)).toEqual(wanted)
  })

  it.each<[string, Parameters<typeof sidecar>[1], readonly string[]]>([
    ['a folder that Grafana does not mount', { shared: false }, ['FOLDER']],
    ['an init container that watches', { once: true }, ['METHOD']],
  ])('%s', (_, parts, wanted) => {
    expect(sidecarMisconfigurations(sidecar(settings, parts)).map(({ setting }) => setting)).toEqual(wanted)
  })

  it.each<[string, SidecarSettings, Parameters<typeof sidecar>[1], readonly string[]]>([
    [
      '2.8.0 with several namespaces',
      { NAMESPACE: 'a,b', IGNORE_ALREADY_PROCESSED: 'true' },
      { version: '2.8.0' },
      ['IGNORE_ALREADY_PROCESSED'],
    ],
    ['… with one', { NAMESPACE: 'a', IGNORE_ALREADY_PROCESSED: 'true' }, { version: '2.8.0' }, []],
    ['… with all', { IGNORE_ALREADY_PROCESSED: 'true' }, { version: '2.8.0' }, []],
    ['names that end in a comma, before 1.31', { NAMESPACE: 'a', RESOURCE_NAME: 'x,' }, { version: '1.30.0' }, []],
    ['… in namespaces that cannot be read', { NAMESPACE: '', RESOURCE_NAME: 'x,' }, { unreadable: ['NAMESPACE'] }, []],
    ['a watch, where METHOD cannot be read', { WATCH_SERVER_TIMEOUT: 'x' }, { unreadable: ['METHOD'] }, []],
    ['a mode for nobody', { DEFAULT_FILE_MODE: '200' }, { user: 65534, readingUser: 472 }, ['DEFAULT_FILE_MODE']],
    [
      'a mode for its owner, who is another',
      { DEFAULT_FILE_MODE: '600' },
      { user: 65534, readingUser: 472 },
      ['DEFAULT_FILE_MODE'],
    ],
    ['a mode for its owner, who may be Grafana', { DEFAULT_FILE_MODE: '600' }, { readingUser: 472 }, []],
    ['a mode for its owner, who is Grafana', { DEFAULT_FILE_MODE: '0o600' }, { user: 472, readingUser: 472 }, []],
    [
      'a mode for all but its owner, who is Grafana',
      { DEFAULT_FILE_MODE: '044' },
      { user: 472, readingUser: 472 },
      ['DEFAULT_FILE_MODE'],
    ],
    ['a mode for a group that Grafana may be in', { DEFAULT_FILE_MODE: '640' }, { user: 65534, readingUser: 472 }, []],
    ['a mode for nobody, which root reads', { DEFAULT_FILE_MODE: '200' }, { user: 65534, readingUser: 0 }, []],
    ['a mode for nobody, where Grafana’s user is not known', { DEFAULT_FILE_MODE: '200' }, { user: 65534 }, []],
    ['what is no mode', { DEFAULT_FILE_MODE: 'rw' }, { user: 65534, readingUser: 472 }, []],
  ])('%s', (_, change, parts, wanted) => {
    const given = sidecar({ ...settings, ...change }, parts)
    expect(sidecarMisconfigurations(given).map(({ setting }) => setting)).toEqual(wanted)
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

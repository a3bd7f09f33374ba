import { describe, expect, it } from 'vitest'
import { isGrafana, readGrafana } from '../../src/grafana/read-grafana.ts'
import type { EnvVar } from '../../src/model/kubernetes.ts'
import { datasourceSidecar, grafanaContainer, settings, sidecarContainer, workload } from './workloads.ts'

const withSidecar = (container = sidecarContainer()) =>
  readGrafana(workload({ containers: [datasourceSidecar, container, grafanaContainer] }))

describe('isGrafana', () => {
  it.each([
    ['docker.io/grafana/grafana:12.3.1', 'grafana', true],
    ['grafana/grafana-enterprise@sha256:00', 'main', true],
    ['rancher/mirrored-grafana-grafana:11.5.5', 'main', true],
    ['mirror.local:5000/team/board:1', 'grafana', true],
    ['grafana/grafana-image-renderer:3', 'renderer', false],
    ['grafana/grafana-operator:5', 'manager', false],
    ['grafana/alloy:1', 'alloy', false],
  ])('%s as %s', (image, name, wanted) => {
    expect(isGrafana(workload({ containers: [{ name, image }] }))).toBe(wanted)
  })
})

describe('readGrafana', () => {
  it('reads container, port and sidecar, and leaves the data sources’ sidecar alone', () => {
    const grafana = withSidecar()
    expect(grafana.container?.name).toBe('grafana')
    expect(grafana.port).toBe(3001)
    expect(grafana.sidecar).toEqual({
      container: 'grafana-sc-dashboard',
      once: false,
      shared: true,
      version: '2.6.0',
      settings,
      unreadable: [],
    })
  })

  it('knows a Grafana without a dashboard sidecar', () => {
    expect(readGrafana(workload({ containers: [datasourceSidecar, grafanaContainer] })).sidecar).toBeUndefined()
  })

  it.each([
    ['no port', [], 3000],
    ['a port by environment', [{ name: 'GF_SERVER_HTTP_PORT', value: '8300' }], 8300],
    ['nonsense', [{ name: 'GF_SERVER_HTTP_PORT', value: 'x' }], 3000],
  ])('finds the port: %s', (_, env, wanted) => {
    expect(readGrafana(workload({ containers: [{ name: 'grafana', env }] })).port).toBe(wanted)
  })

  it('finds a sidecar by its folder where nameOverride changed its name', () => {
    const renamed = sidecarContainer(
      { LABEL: 'x', FOLDER: '/tmp/dashboards' },
      { name: 'boards', image: 'mirror.local/k8s-sidecar:1.30.3' },
    )
    expect(withSidecar(renamed).sidecar).toMatchObject({ container: 'boards', version: '1.30.3' })
  })

  it.each([
    ['ends', {}, true],
    ['stays', { restartPolicy: 'Always' }, false],
  ])('knows an init container that %s', (_, parts, once) => {
    const grafana = readGrafana(
      workload({ containers: [grafanaContainer], initContainers: [sidecarContainer(settings, parts)] }),
    )
    expect(grafana.sidecar?.once).toBe(once)
  })

  it('takes the init container that stays before one that ends', () => {
    const initContainers = [
      sidecarContainer(settings, { name: 'first-sc-dashboard' }),
      sidecarContainer(settings, { name: 'second-sc-dashboard', restartPolicy: 'Always' }),
      sidecarContainer(settings, { name: 'third-sc-dashboard' }),
    ]
    const grafana = readGrafana(workload({ containers: [grafanaContainer], initContainers }))
    expect(grafana.sidecar).toMatchObject({ container: 'second-sc-dashboard', once: false })
  })

  const from = { configMapKeyRef: { name: 'x', key: 'y' } }
  it.each<[string, readonly EnvVar[], Record<string, string>, readonly string[]]>([
    [
      'the last of a name wins',
      [
        { name: 'LABEL', value: 'a' },
        { name: 'LABEL', value: 'b' },
      ],
      { LABEL: 'b' },
      [],
    ],
    [
      '… also where it cannot be read',
      [
        { name: 'LABEL', value: 'a' },
        { name: 'LABEL', valueFrom: from },
      ],
      {},
      ['LABEL'],
    ],
    ['no value is an empty one', [{ name: 'NAMESPACE' }], { NAMESPACE: '' }, []],
    ['a reference to another variable', [{ name: 'NAMESPACE', value: '$(WHERE)' }], {}, ['NAMESPACE']],
    [
      'the pod’s own namespace',
      [{ name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
      { NAMESPACE: 'observability' },
      [],
    ],
  ])('reads the environment: %s', (_, env, wanted, unreadable) => {
    expect(withSidecar(sidecarContainer(env)).sidecar).toMatchObject({ settings: wanted, unreadable })
  })

  it('concludes nothing from what envFrom may set', () => {
    const { sidecar } = withSidecar(sidecarContainer({ LABEL: 'dash' }, { envFrom: [{}] }))
    expect(sidecar?.settings).toEqual({ LABEL: 'dash' })
    expect(sidecar?.unreadable).toContain('NAMESPACE')
    expect(sidecar?.unreadable).not.toContain('LABEL')
  })

  it.each<[string, string, readonly string[]]>([
    ['is too old for', '1.28.4', []],
    ['knows', '1.29.0', ['RESOURCE_NAME']],
    ['of no version may know', 'latest', ['RESOURCE_NAME']],
  ])('leaves out what a sidecar %s', (_, tag, wanted) => {
    const { sidecar } = withSidecar(
      sidecarContainer({ LABEL: 'dash', RESOURCE_NAME: 'x' }, { image: `x/k8s-sidecar:${tag}` }),
    )
    expect(Object.keys(sidecar?.settings ?? {})).toEqual(['LABEL', ...wanted])
  })

  it('reads who runs the sidecar and who runs Grafana, of the pod where the container does not say', () => {
    const containers = [sidecarContainer(settings, { securityContext: { runAsUser: 0 } }), grafanaContainer]
    const { sidecar } = readGrafana(workload({ containers, securityContext: { runAsUser: 472 } }))
    expect(sidecar).toMatchObject({ user: 0, readingUser: 472 })
  })

  it.each([
    ['x/k8s-sidecar:1.30.3@sha256:00', '1.30.3'],
    ['x/k8s-sidecar:v2.1.0-arm', '2.1.0'],
    ['x:5000/k8s-sidecar', undefined],
    ['x/k8s-sidecar:latest', undefined],
  ])('reads the version of %s', (image, wanted) => {
    expect(withSidecar(sidecarContainer(settings, { image })).sidecar?.version).toBe(wanted)
  })
})

describe('the folder that sidecar and Grafana share', () => {
  const mount = (name: string, mountPath: string) => ({ name, mountPath })
  const isShared = (own: readonly ReturnType<typeof mount>[], grafanas: readonly ReturnType<typeof mount>[]) =>
    readGrafana(
      workload({
        containers: [
          sidecarContainer(settings, { volumeMounts: own }),
          { ...grafanaContainer, volumeMounts: grafanas },
        ],
      }),
    ).sidecar?.shared
  const volume = mount('boards', '/tmp/boards')

  it.each<[string, boolean | undefined, boolean]>([
    ['one volume', isShared([volume], [volume]), true],
    ['one volume, mounted elsewhere in Grafana', isShared([volume], [mount('boards', '/var/lib/boards')]), true],
    ['FOLDER below the mount', isShared([mount('boards', '/tmp/')], [volume]), true],
    ['a volume of its own', isShared([mount('own', '/tmp/boards')], [volume]), false],
    ['the volume elsewhere than FOLDER', isShared([mount('boards', '/tmp/board')], [volume]), false],
    ['none', isShared([], [volume]), false],
    [
      'mounts that are not shown',
      readGrafana(workload({ containers: [sidecarContainer(), grafanaContainer] })).sidecar?.shared,
      true,
    ],
  ])('%s', (_, found, wanted) => {
    expect(found).toBe(wanted)
  })

  it('reads the data sources’ sidecar too', () => {
    const { dataSourceSidecar } = readGrafana(workload({ containers: [datasourceSidecar, grafanaContainer] }))
    expect(dataSourceSidecar?.settings.LABEL).toBe('grafana_datasource')
  })
})

import { describe, expect, it } from 'vitest'
import { arrivalIn, deliveryOf } from '../../src/command-line/dashboard-apply.ts'
import { askedFor } from '../../src/command-line/make-change.ts'
import { refOf } from '../../src/kubernetes/object-ref.ts'
import type { Outcome } from '../../src/model/check.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import { boardFile, grafana, grafanaWithoutSidecar } from '../checks/dashboard/healthy-facts.ts'
import { settings } from '../grafana/workloads.ts'

const place = { namespace: 'boards', label: { key: 'dash', value: 'yes' } }
const bare = grafanaWithoutSidecar()
const name = 'grafana-operator-dashboard'
const fetched = boardFile()
const unlabelled = boardFile({ labels: {} })
const elsewhere = boardFile({ namespace: 'elsewhere' })
const watching = grafana({ ...settings, NAMESPACE: fetched.metadata.namespace ?? '' })

const passed: Outcome = { outcome: 'passed', findings: [], notes: [] }
const unknown: Outcome = { outcome: 'unknown', findings: [], unknown: [] }

describe('what dashboard apply writes', () => {
  it('is the ConfigMap that the sidecar fetches, under whatever name, and no label', () => {
    const own = boardFile({ name: 'our-board' })
    expect(deliveryOf([watching], [elsewhere, own], {}, place)).toMatchObject({ target: { name: 'our-board' } })
    expect(deliveryOf([watching], [elsewhere, own], {}, place)).not.toHaveProperty('label')
  })

  it('is the one that lacks only the label, with the label', () =>
    expect(deliveryOf([watching], [unlabelled], {}, place)).toEqual({
      via: 'configmap',
      target: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: unlabelled.metadata.namespace,
        name: unlabelled.metadata.name,
      },
      configMap: unlabelled,
      label: place.label,
    }))

  it.each([
    ['there is none', []],
    ['the one that is there lies where no sidecar looks', [elsewhere]],
  ])('is a new one where the sidecar looks: %s', (_, files) =>
    expect(deliveryOf([watching], files, {}, place)).toEqual({
      via: 'configmap',
      target: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'boards', name },
      label: place.label,
    }),
  )

  it('is where the flags say', () => {
    const said = deliveryOf([watching], [fetched], { namespace: 'boards', label: 'dash=yes' }, place)
    expect(said).toMatchObject({ target: { namespace: 'boards' }, label: place.label })
  })

  it('is a GrafanaDashboard beside a Grafana without a sidecar', () =>
    expect(deliveryOf([bare], [], {}, place)).toEqual({
      via: 'grafana-operator',
      target: {
        apiVersion: 'grafana.integreatly.org/v1beta1',
        kind: 'GrafanaDashboard',
        namespace: bare.workload.metadata.namespace,
        name: 'dynamo-operator',
      },
    }))

  it.each([
    ['the label comes from elsewhere', { unreadable: ['LABEL'] }],
    ['the label is a whole selector', { settings: { ...settings, LABEL: 'dash in (yes, on)' } }],
  ])('is not guessed, but taken from flags: %s', (_, parts) => {
    const own = grafana()
    const blurred = { ...own, sidecar: own.sidecar && { ...own.sidecar, ...parts } }
    expect(deliveryOf([blurred], [], {}, place)).toBe('unknown')
    expect(deliveryOf([blurred], [], { namespace: 'boards', label: 'dash=yes' }, place)).toMatchObject({
      target: { namespace: 'boards' },
    })
  })

  it('is the one that Grafana mounts, which needs no label', () => {
    const own = bare.workload
    const volumes = [{ name: 'board', configMap: { name: fetched.metadata.name } }]
    const spec = { ...own.spec, template: { ...own.spec?.template, spec: { ...own.spec?.template?.spec, volumes } } }
    const mounting = { ...bare, workload: { ...own, spec } } as typeof bare
    const file = boardFile({ namespace: own.metadata.namespace ?? '' })
    const delivery = deliveryOf([mounting], [file], {}, place)
    expect(delivery).toMatchObject({ via: 'configmap', configMap: file })
    expect(delivery).not.toHaveProperty('label')
  })
})

describe('a dashboard that stands there already', () => {
  const restart = {
    id: 'restart-grafana',
    title: 'Restart Grafana',
    risk: 'disruptive' as const,
    at: 'live' as const,
    steps: [],
    lasts: 'Until it happens again.',
    verify: [],
  }
  const stuck = (severity: 'error' | 'pending') => ({
    ...askedFor('grafana/dashboard-not-loaded', refOf(bare.workload), 'it lacks it', restart),
    severity,
  })
  const examined = (loaded: Outcome, causes: readonly Judged[] = [], current: Outcome = passed) => ({
    diagnosis: {
      causes: causes.map(root => ({ root, explains: [] })),
      outcomes: [
        { id: 'grafana-dashboard-loaded', area: 'grafana' as const, title: '', result: loaded },
        { id: 'grafana-dashboard-current', area: 'grafana' as const, title: '', result: current },
      ],
      counts: { passed: 0, failed: 0, unknown: 0, pending: 0, skipped: 0, crashed: 0 },
    },
  })

  it('is shown where Grafana says so, and has nothing else under its name', () => {
    expect(arrivalIn(examined(passed))).toBe('shown')
    expect(arrivalIn(examined(passed, [], unknown))).toBe('not known')
    expect(arrivalIn(examined(unknown))).toBe('not known')
  })

  it('takes a restart only where nothing else explains that it is not', () => {
    expect(arrivalIn(examined(unknown, [stuck('error')]))).toMatchObject({ restart: { fixes: [restart] } })
    expect(arrivalIn(examined(unknown, [stuck('pending')]))).toBe('not known')
    expect(arrivalIn(examined(unknown, [{ ...stuck('error'), code: 'grafana/file-collision' }]))).toBe('not known')
  })
})

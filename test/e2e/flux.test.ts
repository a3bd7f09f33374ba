import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Report } from '../../src/model/report.ts'
import { breakLab, dynamo, heal, kubeconfigs, kubectl, names, waitFor } from '../lab/api.ts'
import { buildFlux, type Flux, kustomization, startFlux } from '../lab/flux.ts'
import { knowingKind } from '../lab/gitops.ts'
import { renderedDynamo } from '../lab/installs.ts'
import type { KubeObject } from '../lab/kube-client.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const code = 'monitor/port-mismatch'
const where = ['servicemonitor', names.serviceMonitor, '-n', dynamo.namespace]
const keeper = `Flux Kustomization ${kustomization.namespace}/${kustomization.name}`
const interval = { interval: '15s' }

let flux: Flux
let folder: string
/** What Git holds: the chart as it is rendered, with a port that the Service has not. */
let rendered: string

const withWrongPort = (object: KubeObject): KubeObject => {
  if (object.kind !== 'ServiceMonitor') return object
  const { spec } = object as unknown as { readonly spec: { readonly endpoints: readonly object[] } }
  return {
    ...object,
    spec: { ...spec, endpoints: spec.endpoints.map(one => ({ ...one, port: 'of-git' })) },
  } as KubeObject
}

const textOf = (objects: readonly KubeObject[]): string => objects.map(object => stringify(object)).join('---\n')

const commit = (message: string, patches: Readonly<Record<string, string>> = {}) => {
  const paths = Object.keys(patches).map(path => ({ path }))
  const list = stringify({ resources: ['dynamo.yaml'], patches: paths })
  return flux.commit({ 'dynamo.yaml': rendered, 'kustomization.yaml': list, ...patches }, message)
}

const fix = async (...args: readonly string[]) => {
  const all = ['doctor', '--kubeconfig', kubeconfigs.admin, '--output', 'json', '--fix', ...args]
  const { exitCode, stdout } = await dynamoMetrics([...all, '--undo-file', join(folder, 'undo.json')])
  const { remedies = [], notes = [] } = JSON.parse(stdout) as Report
  const { state, reason } = remedies.find(one => one.code === code) ?? {}
  return { exitCode, state, reason, notes: notes.join('\n') }
}

const portNow = () => kubectl('get', ...where, '-o', 'jsonpath={.spec.endpoints[*].port}')
const codesNow = async () => (await examineSettled(kubeconfigs.admin)).causes.map(cause => cause.code)

// Building it takes many minutes: only with --all.
describe.runIf(process.env.E2E_ALL === '1')('what a real Flux keeps (with --all)', () => {
  beforeAll(async () => {
    await buildFlux(line => process.stderr.write(`${line}\n`))
    await heal()
    folder = await mkdtemp(join(tmpdir(), 'flux-'))
    rendered = textOf((await renderedDynamo(...knowingKind)).map(withWrongPort))
    flux = await startFlux()
    await commit('feat: serve')
    await flux.tell(interval)
    await flux.reconcile()
    await waitFor(async () => (await codesNow()).includes(code), { what: code, seconds: 60 })
  }, 3_600_000)

  afterAll(async () => {
    await flux?.end()
    await heal()
    await rm(folder, { recursive: true })
  })

  beforeEach(() => rm(join(folder, 'undo.json'), { force: true }))

  it('is named with who keeps it', async () => {
    const { causes } = await examineSettled(kubeconfigs.admin)
    expect(causes.map(cause => cause.code)).toEqual([code])
    expect(causes[0]?.fixes[0]?.lasts).toBe(`No: ${keeper} puts it back. Change it in Git.`)
  })

  it('is left alone, and what to commit is written down', async () => {
    const { exitCode, state, reason } = await fix('--yes', '--patch-out', join(folder, 'patch.yaml'))
    expect([exitCode, state]).toEqual([1, 'blocked: managed'])
    expect(reason).toContain(`is kept by ${keeper}`)
    expect(reason).toContain('would be put back when it comes round, every 15s (spec.interval)')
    expect(await portNow()).toBe('of-git')
    await expect(readFile(join(folder, 'undo.json'))).rejects.toThrow('ENOENT')
  })

  it('is changed where the user insists, and the report says that it was taken back', async () => {
    const { exitCode, state, reason, notes } = await fix('--fix-id', code, '--allow-managed')
    const taken = `ServiceMonitor ${dynamo.namespace}/${names.serviceMonitor} was reverted by kustomize-controller`
    expect([exitCode, state, reason]).toEqual([4, 'reverted', `${taken} (${keeper}).`])
    expect(notes).toContain('was reverted by kustomize-controller')
    expect(await portNow()).toBe('of-git')
  })

  it('stays changed while it is suspended, and the report says until when', async () => {
    await flux.tell({ ...interval, suspend: true })
    const { exitCode, state, reason } = await fix('--fix-id', code, '--allow-managed')
    expect([exitCode, state]).toEqual([0, 'fixed'])
    expect(reason).toContain(`As to ${keeper}, a live change would stay until it is resumed (spec.suspend).`)
    await flux.tell(interval)
    await waitFor(async () => (await portNow()) === 'of-git', { what: 'Flux to put it back', seconds: 60 })
  })

  it('is healthy once the patch is in Git, and stays so', async () => {
    const patch = await readFile(join(folder, 'patch.yaml'), 'utf8')
    const message = patch
      .split('\n')
      .filter(line => line.startsWith('#'))
      .map(line => line.slice(2))
      .join('\n')
    await commit(message, { 'patch.yaml': patch })
    await waitFor(async () => (await portNow()) === 'metrics', { what: 'Flux to bring the commit', seconds: 60 })
    await waitFor(async () => (await examineSettled(kubeconfigs.admin)).verdict === 'healthy', {
      what: 'a healthy doctor',
      seconds: 60,
    })
    await flux.reconcile()
    expect(await codesNow()).toEqual([])
  })

  it('tells what was deleted from what Git does not hold', async () => {
    const patch = await readFile(join(folder, 'patch.yaml'), 'utf8')
    await flux.tell({ ...interval, suspend: true })
    await kubectl('delete', ...where)
    await waitFor(async () => (await codesNow()).includes('monitor/missing'), {
      what: 'no ServiceMonitor',
      seconds: 60,
    })
    const { causes } = await examineSettled(kubeconfigs.admin)
    expect(causes.map(cause => cause.code)).toEqual(['monitor/missing'])
    expect(causes[0]?.because).toMatch(/^Kustomization flux-system\/serving lists it among what it applies/)

    await flux.commit({ 'dynamo.yaml': textOf(await renderedDynamo()) }, 'fix: serve no monitor')
    await flux.tell({ ...interval, prune: true })
    await flux.reconcile()
    expect(await codesNow()).toEqual(['monitor/rendered-without-crds'])

    await commit('feat: serve again', { 'patch.yaml': patch })
    await flux.reconcile()
    expect(await codesNow()).toEqual([])
  })

  it('is not touched by a ServiceMonitor of our own beside it, which outlives rounds that prune', async () => {
    const label = 'monitor/label-mismatch'
    await flux.tell({ ...interval, prune: true })
    await flux.reconcile()
    await breakLab(label)
    await waitFor(async () => (await codesNow()).includes(label), { what: label, seconds: 60 })
    const { exitCode } = await fix('--yes')
    expect(exitCode).toBe(0)
    await flux.reconcile()
    expect(await codesNow()).toEqual([])
    const back = ['undo', join(folder, 'undo.json'), '--kubeconfig', kubeconfigs.admin, '--yes']
    expect((await dynamoMetrics(back)).exitCode).toBe(0)
    expect(await codesNow()).toEqual([label])
    await flux.tell(interval)
  })
})

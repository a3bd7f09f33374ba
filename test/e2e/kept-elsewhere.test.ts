import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Report } from '../../src/model/report.ts'
import { breakLab, dynamo, heal, kubeconfigs, kubectl, names, prometheus, reshape } from '../lab/api.ts'
import type { CustomKind } from '../lab/custom-kinds.ts'
import { applyKeeper } from '../lab/gitops.ts'
import { kubectlWith } from '../lab/tools.ts'
import { waitFor } from '../lab/wait.ts'
import { dynamoMetrics, examineSettled, seriousOf } from './doctor.ts'

const code = 'monitor/port-mismatch'
const where = ['servicemonitor', names.serviceMonitor, '-n', dynamo.namespace]

interface Kept {
  readonly by: 'argocd-controller' | 'kustomize-controller'
  readonly variant: 'argo-cd' | 'flux'
  readonly kind: CustomKind
  readonly keeper: string
  readonly namespace: string
  readonly spec: object
  readonly words: RegExp
  /** How often it applies what Git holds. */
  readonly everyMs: number
}

const keepers: readonly Kept[] = [
  {
    by: 'argocd-controller',
    variant: 'argo-cd',
    kind: ['argoproj.io', 'v1alpha1', 'Application'],
    keeper: 'Argo CD application serving',
    namespace: 'cd',
    spec: { syncPolicy: { automated: { selfHeal: true } } },
    words: /would be put back within seconds/,
    everyMs: 1000,
  },
  {
    by: 'kustomize-controller',
    variant: 'flux',
    kind: ['kustomize.toolkit.fluxcd.io', 'v1', 'Kustomization'],
    keeper: 'Flux Kustomization flux-system/serving',
    namespace: 'flux-system',
    spec: { interval: '20s' },
    words: /would be put back when it comes round, every 20s/,
    everyMs: 20_000,
  },
]

/** What Git holds: the ServiceMonitor as the lab has it, with a port that the Service has not. */
const inGit = async (): Promise<string> => {
  const live = JSON.parse(await kubectl('get', ...where, '-o', 'json')) as {
    metadata: { labels: object; annotations?: object }
    spec: { endpoints: readonly object[] }
  }
  const { labels, annotations = {} } = live.metadata
  const endpoints = live.spec.endpoints.map(endpoint => ({ ...endpoint, port: 'of-git' }))
  return JSON.stringify({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: names.serviceMonitor, namespace: dynamo.namespace, labels, annotations },
    spec: { ...live.spec, endpoints },
  })
}

const applyAs = (manager: string, manifest: string) =>
  kubectlWith(manifest, 'apply', '--server-side', '--force-conflicts', `--field-manager=${manager}`, '-f', '-')

const makeKeeper = ({ kind: [group, version, kind], namespace }: Kept, spec: object) =>
  applyKeeper({ apiVersion: `${group}/${version}`, kind, metadata: { name: 'serving', namespace }, spec })

/** Does what the controller would: applies Git again and again, in its name. The controllers themselves are not here. */
const keepApplying = (kept: Kept, manifest: string) => {
  const end = new AbortController()
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await pause(kept.everyMs, undefined, { signal: end.signal }).catch(() => {})
      if (!end.signal.aborted) await applyAs(kept.by, manifest)
    }
  }
  const done = loop()
  return async () => {
    end.abort()
    await done
  }
}

/** The health of each target that is the operator, whichever ServiceMonitor found it. */
const targetsNow = async (): Promise<readonly string[]> => {
  const { activeTargets } = await prometheus<{
    readonly activeTargets: readonly { readonly health: string; readonly labels: Readonly<Record<string, string>> }[]
  }>('/api/v1/targets?state=active')
  return activeTargets.filter(({ labels }) => labels.service === names.metricsService).map(({ health }) => health)
}

const endpointsNow = () => kubectl('get', ...where, '-o', 'jsonpath={.spec.endpoints[*].port}')

describe.each(keepers)('what $keeper keeps (imitated: a loop that applies in its name)', kept => {
  let folder = ''
  let manifest = ''
  const file = (name: string) => join(folder, name)
  beforeAll(async () => {
    await heal()
    await reshape(kept.variant)
    await makeKeeper(kept, kept.spec)
    manifest = await inGit()
    await applyAs(kept.by, manifest)
    await waitFor(async () => (await examineSettled(kubeconfigs.admin)).causes.some(cause => cause.code === code), {
      what: code,
      seconds: 60,
    })
  })
  afterAll(heal)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kept-elsewhere-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const fix = async (...args: readonly string[]) => {
    const all = ['doctor', '--kubeconfig', kubeconfigs.admin, '--output', 'json', '--fix', ...args]
    const { exitCode, stdout } = await dynamoMetrics([...all, '--undo-file', file('undo.json')])
    const { remedies = [], notes = [] } = JSON.parse(stdout) as Report
    return { exitCode, remedy: remedies.find(one => one.code === code), notes: notes.join('\n') }
  }

  it('is left alone, and what to commit is written down', async () => {
    const { exitCode, remedy } = await fix('--yes', '--patch-out', file('patch.yaml'))
    expect([exitCode, remedy?.state]).toEqual([1, 'blocked: managed'])
    expect(remedy?.reason).toContain(`is kept by ${kept.keeper}`)
    expect(remedy?.reason).toMatch(kept.words)
    const text = await readFile(file('patch.yaml'), 'utf8')
    expect(text).toMatch(/^# fix: /)
    expect(parse(text)).toMatchObject({ kind: 'ServiceMonitor', metadata: { name: names.serviceMonitor } })
    expect(await endpointsNow()).toContain('of-git')
    await expect(readFile(file('undo.json'))).rejects.toThrow('ENOENT')
  })

  it('is changed where the user insists, and the report says who took it back', async () => {
    const stop = keepApplying(kept, manifest)
    try {
      const { exitCode, remedy, notes } = await fix('--fix-id', code, '--allow-managed')
      expect(remedy?.reason).toBe(
        `ServiceMonitor ${dynamo.namespace}/${names.serviceMonitor} was reverted by ${kept.by} (${kept.keeper}).`,
      )
      expect([exitCode, remedy?.state]).toEqual([4, 'reverted'])
      expect(notes).toContain(`was reverted by ${kept.by}`)
    } finally {
      await stop()
    }
  })

  it.runIf(kept.variant === 'flux')(
    'is not called fixed for good where the time is up before its keeper comes round',
    async () => {
      await makeKeeper(kept, { interval: '1h' })
      const { exitCode, remedy } = await fix('--fix-id', code, '--allow-managed', '--fix-timeout', '40s')
      expect([exitCode, remedy?.state]).toEqual([0, 'fixed'])
      expect(remedy?.reason).toContain(`${kept.keeper} has not come round yet`)
      expect(await targetsNow()).toEqual(['up'])
    },
  )

  it.runIf(kept.variant === 'flux')('is changed without a word where its keeper was told to leave it', async () => {
    await applyAs(kept.by, manifest)
    await kubectl('annotate', ...where, 'kustomize.toolkit.fluxcd.io/reconcile=disabled')
    await examineSettled(kubeconfigs.admin)
    const { exitCode, remedy } = await fix('--fix-id', code)
    expect([exitCode, remedy?.state]).toEqual([0, 'fixed'])
    expect(remedy?.reason).not.toContain('come round')
  })
})

describe('a ServiceMonitor of our own', () => {
  beforeAll(heal)
  afterAll(heal)

  it('is known to the doctor, which tells when the chart’s own one is selected too', async () => {
    const copy = `${names.serviceMonitor}-selected`
    await breakLab('monitor/label-mismatch')
    await examineSettled(kubeconfigs.admin)
    const folder = await mkdtemp(join(tmpdir(), 'own-monitor-'))
    const undo = join(folder, 'undo.json')
    const made = await dynamoMetrics([
      'doctor',
      '--kubeconfig',
      kubeconfigs.admin,
      '--fix',
      '--yes',
      '--undo-file',
      undo,
    ])
    expect(made.exitCode).toBe(0)
    expect(await targetsNow()).toEqual(['up'])
    const known = await examineSettled(kubeconfigs.admin)
    expect([known.verdict, seriousOf(known)]).toEqual(['healthy', []])

    await kubectl('label', ...where, 'release=kps', '--overwrite')
    const isTwice = async () => (await targetsNow()).join() === 'up,up'
    await waitFor(isTwice, { what: 'the operator to be scraped twice', seconds: 60 })
    const { causes } = await examineSettled(kubeconfigs.admin)
    expect(causes.map(cause => [cause.code, cause.subject.name])).toEqual([['monitor/duplicated', copy]])
    expect(JSON.stringify(causes[0]?.fixes)).toContain('doctor --fix made')

    const back = await dynamoMetrics(['undo', undo, '--kubeconfig', kubeconfigs.admin, '--yes'])
    expect(back.exitCode).toBe(0)
    await waitFor(async () => (await targetsNow()).join() === 'up', { what: 'one target', seconds: 60 })
    expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
    await rm(folder, { recursive: true })
  })
})

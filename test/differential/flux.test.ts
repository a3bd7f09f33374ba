import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { fieldManager } from '../../src/cluster/writer.ts'
import { touchedBy } from '../../src/fix/judge-write.ts'
import { type Fate, fateUnderKustomization } from '../../src/kubernetes/fate.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { dynamo, heal, kubectl } from '../lab/api.ts'
import { buildFlux, type Flux, kustomization, startFlux } from '../lab/flux.ts'
import { faultLabel } from '../lab/layout.ts'

const mark = (name: string) => `kustomize.toolkit.fluxcd.io/${name}`
const interval = '1h'
const ignoring = (rule: object) => ({ interval, ignore: [rule] })

interface Row {
  /** The annotations that Git holds. */
  readonly inGit?: Readonly<Record<string, string>>
  /** What is written to the live object by hand, and how. */
  readonly byHand?: readonly [how: 'annotate' | 'label', mark: string]
  /** What Git holds in its place afterwards. */
  readonly instead?: string
  readonly spec?: object
  readonly key?: 'colour' | 'shade'
}

const rows: Readonly<Record<string, Row>> = {
  'a field that Git holds': {},
  'a field that Git does not hold': { key: 'shade' },
  'what Git holds no more': { instead: 'kept-instead' },
  'switched off by hand': { byHand: ['annotate', `${mark('reconcile')}=disabled`] },
  'switched off by hand, with a label': { byHand: ['label', `${mark('reconcile')}=Disabled`] },
  'not to be applied, by hand': { byHand: ['annotate', `${mark('ssa')}=Ignore`] },
  'made once, by hand': { byHand: ['annotate', `${mark('ssa')}=IfNotPresent`] },
  'made once, with a label by hand': { byHand: ['label', `${mark('ssa')}=IfNotPresent`] },
  'made once, in Git': { inGit: { [mark('ssa')]: 'IfNotPresent' } },
  'merged, by hand': { byHand: ['annotate', `${mark('ssa')}=Merge`] },
  'a field that is ignored': { spec: ignoring({ paths: ['/data/colour'] }) },
  'one beneath what is ignored': { spec: ignoring({ paths: ['/data'] }) },
  'one whose name begins so': { spec: ignoring({ paths: ['/data/col'] }) },
  'one that is ignored in this kind': { spec: ignoring({ paths: ['/data/colour'], target: { kind: 'Config.*' } }) },
  'one that is ignored in another version': {
    spec: ignoring({ paths: ['/data/colour'], target: { kind: 'ConfigMap', version: 'v2' } }),
  },
  'one that is ignored in this version': {
    spec: ignoring({ paths: ['/data/colour'], target: { kind: 'ConfigMap', version: 'v1' } }),
  },
  'one that is ignored where the name only begins so': {
    spec: ignoring({ paths: ['/data/colour'], target: { name: 'kep' } }),
  },
}

let flux: Flux

const configMap = (name: string, colour: string, annotations: Row['inGit'] = {}) =>
  stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: dynamo.namespace, labels: { [faultLabel]: 'kept' }, annotations },
    data: { colour },
  })

const live = async (...where: readonly string[]) =>
  JSON.parse(await kubectl('get', ...where, '--show-managed-fields', '-o', 'json')) as KubernetesObject

// Building it takes many minutes: only with --all.
describe.runIf(process.env.E2E_ALL === '1')('what becomes of a live change, against the real Flux (with --all)', () => {
  beforeAll(async () => {
    await buildFlux(line => process.stderr.write(`${line}\n`))
    flux = await startFlux()
  }, 3_600_000)

  afterAll(async () => {
    await flux?.end()
    await heal()
  })

  it.each(Object.entries(rows).map(([what, row], index) => [what, row, `kept-${index}`] as const))(
    '%s',
    async (_what, { inGit, byHand, instead, spec = { interval }, key = 'colour' }, name) => {
      const where = ['configmap', name, '-n', dynamo.namespace]
      const bring = async (kept: string, colour: string) => {
        await flux.commit({ 'kept.yaml': configMap(kept, colour, inGit) }, `chore: ${kept} ${colour}`)
        await flux.reconcile()
      }
      const isOurs = async () => (await kubectl('get', ...where, '-o', `jsonpath={.data.${key}}`)) === 'ours'

      await flux.tell(spec)
      await bring(name, 'as in Git')
      if (instead) await bring(instead, 'as in Git')
      if (byHand) await kubectl(byHand[0], ...where, byHand[1])
      const before = await live(...where)
      const keeper = await live('kustomization', kustomization.name, '-n', kustomization.namespace)
      const change = { path: `/data/${key}`, ...(key === 'colour' ? { was: 'as in Git' } : {}), is: 'ours' }
      const { fate } = fateUnderKustomization(before, keeper, touchedBy(before, [change]))

      const patch = JSON.stringify({ data: { [key]: 'ours' } })
      await kubectl('patch', ...where, '--type=merge', `--field-manager=${fieldManager}`, '-p', patch)
      await flux.reconcile()
      const stays = await isOurs()
      await bring(instead ?? name, 'by a commit')
      const stayed = await isOurs()
      expect([fate, { stays, stayed }]).toEqual([fate, standing[fate]])
    },
  )
})

/**
 * Whether a live change is there after a round of the real controller, and after a commit to all that Git holds. Nothing is
 * claimed of what it does not list: another cluster's may.
 */
const standing: Readonly<Record<Fate['fate'], object>> = {
  'put back': { stays: false, stayed: false },
  tolerated: { stays: true, stayed: true },
  'left alone': { stays: true, stayed: true },
  unknown: { stays: true, stayed: true },
}

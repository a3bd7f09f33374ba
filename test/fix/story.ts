import type { StoredRelease } from '../../src/cluster/writer.ts'
import type { Clock } from '../../src/fix/clock.ts'
import type { Consent } from '../../src/fix/plan.ts'
import type { Attendant, Repairing } from '../../src/fix/repair.ts'
import { type Taken, type TakingBack, takeBackRun } from '../../src/fix/take-back-run.ts'
import type { UndoFile } from '../../src/fix/undo-entry.ts'
import { refOf } from '../../src/kubernetes/object-ref.ts'
import type { CheckOutcome } from '../../src/model/check.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import type { Examination } from '../../src/model/examination.ts'
import type { Fix } from '../../src/model/fix.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { type FakeWorld, fakeWorld } from './fake-world.ts'

/** Three faults and their fixes in a small cluster: fields put back, objects created, a release upgraded. */

const helmMade = (fields: Readonly<Record<string, unknown>>) => ({
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
  managedFields: [{ manager: 'helm', operation: 'Apply' as const, fieldsV1: fields }],
})

export const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'dyn-metrics', namespace: 'inference', ...helmMade({ 'f:spec': { 'f:selector': {} } }) },
  spec: { selector: { app: 'other', tier: 'x' } },
}

const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'observability', name: 'kps' }

export const release: StoredRelease = {
  revision: 3,
  status: 'deployed',
  description: 'Upgrade complete',
  chart: { name: 'dynamo-platform', version: '1.4.2' },
  knows: ['on', 'replicas'],
  values: { replicas: 2 },
  manifest:
    'apiVersion: v1\nkind: Service\nmetadata: {name: dyn-metrics}\nspec: {selector: {app: dynamo, tier: x}}\n---\n',
}

const fix = (id: string, rest: Pick<Fix, 'risk' | 'steps'>): Fix => ({
  id,
  title: `Do ${id}`,
  at: 'live',
  lasts: 'Yes.',
  verify: [],
  ...rest,
})

const cause = (code: string, subject: Judged['subject'], ...fixes: readonly Fix[]): Judged => ({
  code,
  subject,
  about: [],
  message: `${code} it is`,
  evidence: [{ ref: subject, expected: 'a', actual: 'b' }],
  because: 'somebody made it',
  fixes,
  title: code,
  severity: 'error',
})

const rbac = (kind: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name: 'scraper', labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' } },
})

export const selectsNothing = cause(
  'service/selects-nothing',
  refOf(service),
  fix('put-back', {
    risk: 'disruptive',
    steps: [{ do: 'patch', target: refOf(service), type: 'merge', patch: { spec: { selector: { app: 'dynamo' } } } }],
  }),
)

export const mayNotScrape = cause(
  'scrape/forbidden',
  account,
  fix('grant', {
    risk: 'disruptive',
    steps: [
      { do: 'apply', manifest: rbac('ClusterRole') },
      { do: 'apply', manifest: rbac('ClusterRoleBinding') },
    ],
  }),
)

export const switchedOff = cause(
  'operator/collection-disabled',
  { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'inference', name: 'dyn' },
  fix('enable', {
    risk: 'disruptive',
    steps: [{ do: 'helm-upgrade', release: { namespace: 'inference', name: 'dyn' }, set: { on: true } }],
  }),
)

export const everyCause = [selectsNothing, mayNotScrape, switchedOff]

export const brokenWorld = (...more: readonly KubernetesObject[]): FakeWorld =>
  fakeWorld([service as KubernetesObject, ...more], { dyn: release })

/** What a doctor would say of the world: each fault is judged by what its fix changes. */
export const examinationOf = (world: FakeWorld, causes: readonly Judged[] = everyCause): Examination => {
  const selector = (world.find(refOf(service)) as typeof service | undefined)?.spec.selector
  const repaired: Readonly<Record<string, boolean>> = {
    [selectsNothing.code]: selector?.app === 'dynamo',
    [mayNotScrape.code]: world.objects().some(({ kind }) => kind === 'ClusterRoleBinding'),
    [switchedOff.code]: world.release('dyn')?.manifest.includes('"on":true') === true,
  }
  const standing = causes.filter(({ code }) => !repaired[code])
  const outcome: CheckOutcome = {
    id: 'metrics-families-present',
    area: 'metrics',
    title: 'The metrics are there',
    result:
      standing.length === 0
        ? { outcome: 'passed', findings: [], notes: [] }
        : { outcome: 'failed', findings: standing, unknown: [] },
  }
  return {
    about: { context: 'lab-eu', operators: [], prometheuses: [], grafanas: [] },
    diagnosis: {
      causes: standing.map(root => ({ root, explains: [] })),
      outcomes: [outcome],
      counts: { passed: 0, failed: 0, unknown: 0, pending: 0, skipped: 0, crashed: 0 },
    },
    untold: [],
    requests: 0,
    seconds: 0,
  }
}

export const steppedClock = (): Clock & { readonly slept: () => number } => {
  let now = 0
  return {
    now: () => now,
    sleep: async milliseconds => {
      now += milliseconds
    },
    date: () => '2026-11-23T08:00:00Z',
    slept: () => now,
  }
}

export const agreed: Consent = {
  yes: false,
  named: everyCause.map(({ code }) => code),
  interactive: false,
  allowManaged: false,
}

export const silent: Attendant = {
  show: () => {},
  ask: async () => false,
  say: () => {},
  applied: () => {},
  settled: () => {},
  progress: () => {},
}

/** Everything a repair needs, on this world; what it saves goes onto the disk. */
export const repairing = (
  world: FakeWorld,
  disk: { entries: UndoFile['entries'] },
  changes: Partial<Repairing> = {},
): Repairing => ({
  writer: world.writer,
  examine: async () => examinationOf(world),
  clock: steppedClock(),
  consent: agreed,
  circumstances: { charts: ['./dynamo-platform'], run: 'a1b2' },
  timeoutMs: 10_000,
  save: async entries => {
    disk.entries = structuredClone(entries)
  },
  attendant: silent,
  ...changes,
})

/** As `undo --yes` does it, through the JSON of the file. */
export const undo = (
  world: FakeWorld,
  entries: UndoFile['entries'],
  changes: Partial<TakingBack> = {},
): Promise<readonly Taken[]> =>
  takeBackRun({
    writer: world.writer,
    entries: JSON.parse(JSON.stringify(entries)) as UndoFile['entries'],
    mode: 'for-real',
    attendant: { show: () => {}, ask: async () => true, say: () => {} },
    ...changes,
  })

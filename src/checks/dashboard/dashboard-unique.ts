import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import { unreadIn } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import {
  dashboardIn,
  directoryName,
  fileName,
  isShown,
  type PlacedFile,
  type Placement,
  placementsOf,
} from './placed-files.ts'

type Code = 'dashboard/duplicate-uid' | 'dashboard/duplicate-title'

export const dashboardUnique = defineCheck({
  id: 'dashboard-unique',
  title: 'No other dashboard takes this one’s place',
  area: 'dashboard',
  needs: ['chains', 'grafanas', 'dashboardFiles', 'neighbouringDashboards'],
  wants: ['loadedDashboards'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'dashboard/duplicate-uid': {
      title: 'Two files have the dashboard’s uid',
      severity: 'error',
      causedBy: ['grafana/file-collision'],
    },
    'dashboard/duplicate-title': {
      title: 'Another dashboard of the same folder has the same title',
      severity: 'error',
      causedBy: ['grafana/file-collision'],
    },
  },
  run(facts) {
    if (facts.chains.items.length === 0) return none('there is no Dynamo operator', facts.chains)
    if (facts.dashboardFiles.items.length === 0) return none('no ConfigMap holds the dashboard', facts.dashboardFiles)
    const placements = placementsOf(facts)
    if (placements.length === 0) return none('no sidecar fetches the dashboard', facts.grafanas)
    const { unread } = facts.neighbouringDashboards
    // Files alone can be compared; of a cluster only those ConfigMaps were read that look alike.
    const silent = unreadIn(facts.loadedDashboards).filter(({ why }) => why !== 'not-live')
    const unseen = placements.filter(({ own, loaded }) => !own.some(file => isShown(file, loaded)))
    return {
      findings: placements.flatMap(placement => clashesOf(placement).map(clash => duplicate(placement, clash))),
      unknown: [
        ...(unread.length > 0 && unseen.length > 0
          ? [{ missing: unread, reason: 'whether another ConfigMap has the dashboard’s uid or title' }]
          : []),
        ...(silent.length > 0 && unseen.some(({ loaded }) => loaded === undefined)
          ? [{ missing: silent, reason: 'whether Grafana has another dashboard of this uid or title' }]
          : []),
      ],
      notes: placements.flatMap(({ own }) => own.map(({ ref, path }) => `${formatRef(ref)}: ${path}`)),
    }
  },
})

interface Clash {
  readonly code: Code
  readonly own: PlacedFile
  /** Named by Grafana alone where no ConfigMap was read that it comes from. */
  readonly other: Pick<PlacedFile, 'path'> & Partial<PlacedFile>
}

/** By the files themselves; else by what Grafana says. One clash of a kind is enough to speak of. */
const clashesOf = (placement: Placement): readonly Clash[] => {
  const clashes = [...clashesOfFiles(placement), ...clashesByGrafana(placement)]
  return (['dashboard/duplicate-uid', 'dashboard/duplicate-title'] as const).flatMap(code =>
    clashes.filter(clash => clash.code === code).slice(0, 1),
  )
}

/** Two that write one file are grafana/file-collision: of them only one is left. */
const clashesOfFiles = ({ expected, own: [own, ...copies], others }: Placement): readonly Clash[] => {
  if (!own) return []
  const title = dashboardIn(own)?.title ?? expected.title
  return [...copies, ...others]
    .filter(({ path }) => path !== own.path)
    .flatMap((other): readonly Clash[] => {
      const dashboard = dashboardIn(other)
      if (dashboard?.uid === expected.uid) return [{ code: 'dashboard/duplicate-uid', own, other }]
      return dashboard?.title === title && directoryName(other.path) === directoryName(own.path)
        ? [{ code: 'dashboard/duplicate-title', own, other }]
        : []
    })
}

/** The dashboard of this uid comes from a file that is none of ours, or one of this title has taken its place. */
const clashesByGrafana = ({ own: files, others, loaded }: Placement): readonly Clash[] => {
  const [own] = files
  if (!own || loaded === undefined) return []
  const named = (path: string) => others.find(other => fileName(other.path) === fileName(path)) ?? { path }
  const from = loaded.provisionedFrom
  const byUid: readonly Clash[] =
    from === undefined || files.some(file => isShown(file, loaded)) || named(from).path === own.path
      ? []
      : [{ code: 'dashboard/duplicate-uid', own, other: named(from) }]
  const byTitle = (loaded.namesakes ?? [])
    .filter(({ provisionedFrom }) => directoryName(provisionedFrom) === directoryName(own.path))
    .map(({ provisionedFrom }): Clash => ({ code: 'dashboard/duplicate-title', own, other: named(provisionedFrom) }))
  return [...byUid, ...byTitle]
}

const duplicate = ({ expected, grafana, loaded }: Placement, { code, own, other }: Clash): Finding<Code> => {
  const byUid = code === 'dashboard/duplicate-uid'
  const value = byUid ? expected.uid : (dashboardIn(own)?.title ?? expected.title)
  const isCopy = byUid && dashboardIn({ text: other.text })?.title === expected.title
  const subject = isCopy && other.ref ? other.ref : own.ref
  const name = other.ref ? formatRef(other.ref) : `the file ${other.path}`
  const evidenceOf = (file: Clash['other']): Evidence => ({
    ref: file.ref ?? refOf(grafana.workload),
    path: file.key === undefined ? file.path : `data["${file.key}"]`,
    expected: `a ${byUid ? 'uid' : 'title'} of its own`,
    actual: `${byUid ? 'uid' : 'title'} ${value}`,
  })
  return {
    code,
    subject,
    about: [own.ref, ...(other.ref && !sameObject(other.ref, own.ref) ? [other.ref] : []), refOf(grafana.workload)],
    message: `${formatRef(own.ref)} and ${name} give ${formatRef(refOf(grafana.workload))} two dashboards ${byUid ? `of uid ${value}` : `“${value}” in one folder`}`,
    evidence: [evidenceOf(own), evidenceOf(other)],
    because: 'Grafana answers a uid or a title that is used twice by saving nothing new from any file of that provider',
    fixes: [isCopy && other.ref ? deleteCopy(other.ref, own) : renameOther(byUid, name)],
    /** It is there today: what is stuck is the next change. */
    ...(isShown(own, loaded) ? { severity: 'warning' } : {}),
  }
}

const verify = ['dashboard-unique', 'grafana-dashboard-loaded']

const deleteCopy = ({ namespace, name }: Finding['subject'], kept: PlacedFile): Fix => ({
  id: 'delete-copy',
  title: `Delete the copy; ${formatRef(kept.ref)} stays`,
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: 'Both hold the same dashboard: one of them is enough. Grafana may need up to a minute to save again.',
      commands: [`kubectl -n ${namespace} delete configmap ${name}`],
    },
  ],
  lasts: 'Yes, unless whoever deployed the copy does so again.',
  verify,
})

const renameOther = (byUid: boolean, name: string): Fix => ({
  id: byUid ? 'change-uid' : 'change-title',
  title: `Give one of the two another ${byUid ? 'uid' : 'title'}, or take it away`,
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `The other is ${name}. Change ${byUid ? '"uid"' : '"title"'} in its JSON where it is kept${byUid ? '; links to it change with it' : ', or send it to another folder'}.`,
    },
  ],
  lasts: 'Yes: it is part of the file.',
  verify,
})

import { areNamesKnown } from '../../grafana/sidecar-files.ts'
import { isOn } from '../../grafana/sidecar-settings.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { isShown, type PlacedFile, type Placement, placementsOf } from '../dashboard/placed-files.ts'
import { defineCheck } from '../define-check.ts'
import { setEnv } from './set-env.ts'
import { grafanaValueFix } from './value-fix.ts'

export const filesDistinct = defineCheck({
  id: 'grafana-files-distinct',
  title: 'No other ConfigMap writes the dashboard’s file',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles', 'neighbouringDashboards'],
  wants: ['loadedDashboards', 'prometheuses'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'grafana/file-collision': {
      title: 'Two ConfigMaps write the same file',
      severity: 'error',
    },
  },
  run({ prometheuses, ...facts }) {
    if (facts.chains.items.length === 0) return none('there is no Dynamo operator', facts.chains)
    if (facts.dashboardFiles.items.length === 0) return none('no ConfigMap holds the dashboard', facts.dashboardFiles)
    const placements = placementsOf(facts)
    const unnamed = facts.grafanas.items.filter(({ sidecar }) => sidecar !== undefined && !areNamesKnown(sidecar))
    if (placements.length === 0 && unnamed.length > 0)
      return {
        findings: [],
        unknown: unnamed.map(({ workload }) => ({
          missing: [],
          reason: `what the sidecar of ${formatRef(refOf(workload))} calls a file cannot be read from its pod template, or a script may rename it`,
        })),
      }
    if (placements.length === 0) return none('no sidecar fetches the dashboard', facts.grafanas)
    const { unread } = facts.neighbouringDashboards
    return {
      findings: placements.flatMap(placement =>
        rivalsOf(placement)
          .slice(0, 1)
          .map(rival => collision(placement, rival, prometheuses)),
      ),
      unknown:
        unread.length > 0 && placements.some(({ own, loaded }) => !own.some(file => isShown(file, loaded)))
          ? [{ missing: unread, reason: 'whether another ConfigMap writes the dashboard’s file' }]
          : [],
      notes: placements.flatMap(({ own }) => own.map(({ ref, path }) => `${formatRef(ref)}: ${path}`)),
    }
  },
})

const rivalsOf = ({ own: [own, ...copies], others }: Placement): readonly PlacedFile[] =>
  own ? [...others, ...copies].filter(({ path }) => path === own.path) : []

/** Two that are alike disturb each other only when one of them goes. */
const collision = (
  { own, grafana, expected }: Placement,
  rival: PlacedFile,
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/file-collision'> => {
  const [first = rival] = own
  const alike = first.text !== undefined && first.text === rival.text
  const isCopy = own.includes(rival)
  const ignores = grafana.sidecar ? isOn(grafana.sidecar, 'IGNORE_ALREADY_PROCESSED') : 'unknown'
  const evidenceOf = ({ ref, key }: PlacedFile, wanted: string) => ({
    ref,
    path: `data["${key}"]`,
    expected: wanted,
    actual: `the file ${first.path}`,
  })
  const another = isCopy ? deleteCopy(rival, first) : renameKey(first, expected.uid)
  return {
    code: 'grafana/file-collision',
    subject: isCopy ? rival.ref : first.ref,
    about: [first.ref, rival.ref, refOf(grafana.workload)],
    message: `${formatRef(first.ref)} and ${formatRef(rival.ref)} both write ${first.path} for ${formatRef(refOf(grafana.workload))}: ${alike ? 'the same dashboard, until one of them goes' : 'the last one wins'}`,
    evidence: [evidenceOf(first, 'a file of its own'), evidenceOf(rival, 'another file')],
    because: `the sidecar names a file after the key alone; when one of the two goes it takes the file with it, ${whatReturns[`${ignores}`]}`,
    fixes: [another, uniqueNames(grafana, prometheuses)],
    ...(alike ? { severity: 'warning' } : {}),
  }
}

const whatReturns: Readonly<Record<'true' | 'false' | 'unknown', string>> = {
  true: 'and with IGNORE_ALREADY_PROCESSED the other is not written again before it changes',
  false: 'and the other comes back with the next watch',
  unknown: 'and whether the other comes back before it changes hangs on IGNORE_ALREADY_PROCESSED, which cannot be read',
}

const verify = ['grafana-files-distinct', 'dashboard-unique', 'grafana-dashboard-loaded']

const deleteCopy = ({ ref }: PlacedFile, kept: PlacedFile): Fix => ({
  id: 'delete-copy',
  title: `Delete one of the two; ${formatRef(kept.ref)} stays`,
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: 'The file goes with it, and comes back within about a minute. Where it does not, change anything in the ConfigMap that stays.',
      commands: [`kubectl -n ${ref.namespace} delete configmap ${ref.name}`],
    },
  ],
  lasts: 'Yes, unless whoever deployed it does so again.',
  verify,
})

const renameKey = ({ ref, key }: PlacedFile, uid: string): Fix => ({
  id: 'rename-key',
  title: 'Give the dashboard’s key another name',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `In the manifest of ${formatRef(ref)}, call the key ${key} something that nobody else uses, and apply it:`,
      commands: [
        `kubectl -n ${ref.namespace} get configmap ${ref.name} -o json | jq '.data |= with_entries(if .key == "${key}" then .key = "${ref.namespace}-${uid}.json" else . end)' | kubectl replace -f -`,
      ],
    },
  ],
  lasts: 'Yes, when the manifest is changed too.',
  verify,
})

const uniqueNames = (grafana: Placement['grafana'], prometheuses: Read<Listing<Prometheus>>): Fix =>
  grafanaValueFix({
    grafana,
    prometheuses,
    id: 'unique-filenames',
    title: 'Or let the sidecar put namespace and name before every file',
    set: { 'sidecar.enableUniqueFilenames': true },
    verify,
    byHand: {
      text: 'Change the environment of the sidecar where the workload is kept, or in the cluster:',
      commands: grafana.sidecar
        ? [setEnv(grafana.workload, grafana.sidecar.container, { UNIQUE_FILENAMES: 'true' })]
        : [],
    },
  })

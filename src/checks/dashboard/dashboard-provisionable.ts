import {
  type DashboardProblem,
  type DashboardVerdict,
  dashboardText,
  judgeDashboardText,
} from '../../grafana/dashboard-json.ts'
import { judgeSidecar, type SidecarGate } from '../../grafana/judge-sidecar.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain, ExpectedDashboard } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Grafana } from '../../model/grafana.ts'
import type { ConfigMap } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { replacementOf } from './dashboard-fix.ts'
import { type Dashboard, dashboardsOf } from './dashboards.ts'

type Code = 'dashboard/empty' | 'dashboard/invalid-json' | 'dashboard/unresolved-inputs' | 'dashboard/not-provisionable'

export const dashboardProvisionable = defineCheck({
  id: 'dashboard-provisionable',
  title: 'The dashboard’s file is one that Grafana can load',
  area: 'dashboard',
  needs: ['chains', 'grafanas', 'dashboardFiles'],
  wants: [],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'dashboard/empty': { title: 'The dashboard’s ConfigMap holds no file that Grafana reads', severity: 'error' },
    'dashboard/invalid-json': { title: 'The dashboard’s file is not JSON, or no dashboard', severity: 'error' },
    'dashboard/unresolved-inputs': {
      title: 'The dashboard was exported for sharing: its data source is a placeholder that nothing fills in',
      severity: 'error',
    },
    'dashboard/not-provisionable': { title: 'Grafana cannot load this dashboard from a file', severity: 'error' },
  },
  run({ chains, grafanas, dashboardFiles }) {
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.length === 0) return none('no Grafana was found', grafanas)
    if (dashboardFiles.items.length === 0) return none('no ConfigMap holds the dashboard', dashboardFiles)
    const judged = dashboardsOf(chains.items, dashboardFiles.items).flatMap(dashboard =>
      judge(dashboard, grafanas.items, chains.items),
    )
    return {
      findings: judged.flatMap(({ finding }) => (finding ? [finding] : [])),
      unknown: judged.flatMap(({ configMap, open }) =>
        open === undefined ? [] : [{ missing: [], reason: `${formatRef(refOf(configMap))} ${openWords[open]}` }],
      ),
      notes: judged.map(({ configMap }) => formatRef(refOf(configMap))),
    }
  },
})

interface JudgedFile {
  readonly configMap: ConfigMap
  readonly finding: Finding<Code> | undefined
  /** What is not known of it. */
  readonly open?: keyof typeof openWords
}

const openWords = {
  remote: 'names an address from which the sidecar fetches the dashboard: what stands there is not read',
  unplaced:
    'becomes a file that may or may not be where Grafana looks: its sidecar has a script, or settings that cannot be read from the pod template',
}

/** One good file is enough; where there is none, the first is the one to speak of. */
const judge = (
  { expected, files }: Dashboard,
  grafanas: readonly Grafana[],
  chains: readonly Chain[],
): readonly JudgedFile[] => {
  const judged = files.map(file => judgeFile(expected, file, grafanas, chains))
  return [judged.find(({ finding, open }) => finding === undefined && open === undefined) ?? judged[0]].filter(
    file => file !== undefined,
  )
}

const judgeFile = (
  expected: ExpectedDashboard,
  configMap: ConfigMap,
  grafanas: readonly Grafana[],
  chains: readonly Chain[],
): JudgedFile => {
  const file = dashboardText(configMap, expected)
  const about = grafanas.map(({ workload }) => refOf(workload))
  const gates = fileGates(configMap, grafanas)
  const isUnplaced = gates.length > 0 && gates.every(({ passes }) => passes === 'unknown')
  if (!file && isUnplaced && hasKeys(configMap)) return { configMap, finding: undefined, open: 'unplaced' }
  if (!file) return { configMap, finding: empty(configMap, about, replacementOf(chains, expected, configMap)) }
  if (file.key.endsWith('.url')) return { configMap, finding: undefined, open: 'remote' }
  const finding =
    unusable({
      configMap,
      about,
      key: file.key,
      verdict: judgeDashboardText(file.text),
      fix: replacementOf(chains, expected, configMap, file.key),
    }) ?? hidden(configMap, grafanas, about)
  return { configMap, finding, ...(isUnplaced ? { open: 'unplaced' } : {}) }
}

const hasKeys = ({ data, binaryData }: ConfigMap): boolean =>
  Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length > 0

const empty = (configMap: ConfigMap, about: readonly ObjectRef[], fix: Fix): Finding<'dashboard/empty'> => {
  const subject = refOf(configMap)
  const keys = [...Object.keys(configMap.data ?? {}), ...Object.keys(configMap.binaryData ?? {})]
  return {
    code: 'dashboard/empty',
    subject,
    about,
    message:
      keys.length === 0
        ? `${formatRef(subject)} is empty: it holds no dashboard`
        : `${formatRef(subject)} has no key that ends in .json: Grafana passes over its files without a word`,
    evidence: [
      {
        ref: subject,
        path: 'data',
        expected: 'a key that ends in .json',
        actual: keys.length === 0 ? 'no data' : keys.join(', '),
      },
    ],
    because:
      keys.length === 0
        ? 'the ConfigMap was created without the file, or its content was lost on the way'
        : 'the sidecar writes a file for every key, and Grafana reads only those named *.json',
    fixes: [fix],
  }
}

interface Unusable {
  readonly configMap: ConfigMap
  readonly about: readonly ObjectRef[]
  readonly key: string
  readonly verdict: DashboardVerdict
  /** Puts a good one in its place. */
  readonly fix: Fix
}

const codeOf: Readonly<Record<DashboardProblem, Code>> = {
  empty: 'dashboard/empty',
  'not-json': 'dashboard/invalid-json',
  'not-a-dashboard': 'dashboard/invalid-json',
  'new-schema': 'dashboard/not-provisionable',
  'no-title': 'dashboard/not-provisionable',
  'bad-uid': 'dashboard/not-provisionable',
}

/** What should stand there, and how such a thing comes about. */
const wordsOf: Readonly<
  Record<DashboardProblem, { readonly wrong: string; readonly expected: string; readonly because: string }>
> = {
  empty: { wrong: 'is empty', expected: 'a dashboard', because: 'the file was empty when the ConfigMap was made' },
  'not-json': {
    wrong: 'is not JSON',
    expected: 'JSON',
    because: 'a template engine or a wrong indentation spoils JSON easily: Helm takes the {{…}} of legends for its own',
  },
  'not-a-dashboard': {
    wrong: 'is JSON, but no dashboard',
    expected: 'a dashboard with title and panels at the top',
    because: 'what the HTTP API takes and gives wraps the dashboard; a file holds it bare',
  },
  'new-schema': {
    wrong: 'has the new dashboard schema, which Grafana does not load from a file',
    expected: 'a dashboard of the classic schema',
    because:
      'Grafana 13 exports the new schema unless the classic one is chosen; GET /api/dashboards/uid/… still answers in the classic one',
  },
  'no-title': { wrong: 'has no title', expected: 'a title', because: 'Grafana refuses a dashboard without a title' },
  'bad-uid': {
    wrong: 'has a uid that Grafana refuses',
    expected: 'at most 40 letters, digits, - and _',
    because: 'Grafana refuses longer uids and other characters',
  },
}

const unusable = ({ configMap, about, key, verdict, fix }: Unusable): Finding<Code> | undefined => {
  if (verdict.ok)
    return verdict.unresolvedInputs.length > 0
      ? unresolved(configMap, about, key, verdict.unresolvedInputs, fix)
      : undefined
  const subject = refOf(configMap)
  const words = wordsOf[verdict.problem]
  const where = verdict.line === undefined ? '' : ` (line ${verdict.line}, column ${verdict.column})`
  return {
    code: codeOf[verdict.problem],
    subject,
    about,
    message: `${key} in ${formatRef(subject)} ${words.wrong}${where}`,
    evidence: [{ ref: subject, path: `data["${key}"]`, expected: words.expected, actual: `${verdict.detail}${where}` }],
    because: words.because,
    fixes: [fix],
  }
}

const unresolved = (
  configMap: ConfigMap,
  about: readonly ObjectRef[],
  key: string,
  inputs: readonly string[],
  replacement: Fix,
): Finding<'dashboard/unresolved-inputs'> => {
  const subject = refOf(configMap)
  const names = inputs.map(name => `\${${name}}`).join(', ')
  return {
    code: 'dashboard/unresolved-inputs',
    subject,
    about,
    message: `${key} in ${formatRef(subject)} asks for ${names}: Grafana loads it, and its panels find no data source`,
    evidence: [
      { ref: subject, path: `data["${key}"]`, expected: 'a data source, or a variable of that name', actual: names },
    ],
    because:
      'it was exported for sharing; only the import dialog fills such placeholders in, a file is loaded as it is',
    fixes: [
      {
        id: 'resolve-inputs',
        title: 'Add a data source variable of that name, or export the dashboard without “for sharing externally”',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: inputs
              .map(
                name =>
                  `In templating.list: {"name": "${name}", "type": "datasource", "query": "prometheus"}, and drop __inputs.`,
              )
              .join('\n'),
          },
        ],
        lasts: 'Yes: it is part of the file.',
        verify: ['dashboard-provisionable'],
      },
      replacement,
    ],
  }
}

const fileGates = (configMap: ConfigMap, grafanas: readonly Grafana[]): readonly SidecarGate[] =>
  grafanas.flatMap(({ sidecar, workload }) =>
    sidecar
      ? judgeSidecar({ sidecar, grafanaNamespace: workload.metadata.namespace ?? 'default', configMap }).filter(
          ({ gate }) => gate === 'file',
        )
      : [],
  )

/** The folder annotation can send the file where Grafana does not look; it is no fault of the ConfigMap's data. */
const hidden = (
  configMap: ConfigMap,
  grafanas: readonly Grafana[],
  about: readonly ObjectRef[],
): Finding<Code> | undefined => {
  const gates = fileGates(configMap, grafanas)
  const gate = gates.every(({ passes }) => passes === false) ? gates[0] : undefined
  if (!gate) return undefined
  const subject = refOf(configMap)
  const evidence: Evidence = { ref: subject, path: gate.path, expected: gate.expected, actual: gate.actual }
  return {
    code: 'dashboard/not-provisionable',
    subject,
    about,
    message: `${formatRef(subject)} sends its file to ${gate.actual}, where Grafana does not look`,
    evidence: [evidence],
    because: 'the annotation names a directory outside the one that Grafana shares with the sidecar, or a hidden one',
    fixes: [
      {
        id: 'correct-folder',
        title: 'Name a directory below the sidecar’s folder, or take the annotation away',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: 'A relative name becomes a directory below the sidecar’s folder.',
            commands: [
              `kubectl -n ${subject.namespace} annotate configmap ${subject.name} ${gate.path.replace('metadata.annotations.', '')}-`,
            ],
          },
        ],
        lasts: 'Yes, when the manifest is changed too.',
        verify: ['dashboard-provisionable', 'grafana-dashboard-loaded'],
      },
    ],
  }
}

import { stringify } from 'yaml'
import type { Fix, FixStep } from '../model/fix.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { quote } from './quote.ts'

/** A fix as a person carries it out: words to read, and command lines to copy as they are. */
export interface Instructions {
  readonly text: readonly string[]
  readonly commands: readonly string[]
}

/** Renders the steps of a fix. Every command is exact and shell-safe; nothing in it is left to fill in. */
export const commandsOf = ({ steps }: Pick<Fix, 'steps'>): Instructions => {
  const instructions = steps.map(instructionsOf)
  return {
    text: [...new Set(instructions.flatMap(({ text }) => text))],
    commands: instructions.flatMap(({ commands }) => commands),
  }
}

const instructionsOf = (step: FixStep): Instructions => (renderers[step.do] as (step: FixStep) => Instructions)(step)

type Step<Do extends FixStep['do']> = Extract<FixStep, { readonly do: Do }>

const renderers: { readonly [Do in FixStep['do']]: (step: Step<Do>) => Instructions } = {
  apply: ({ manifest }) => command(applying(manifest)),
  patch: step => command(setting(step) ?? patching(step)),
  'helm-upgrade': step => upgrading(step),
  dashboard: step => command(delivering(step)),
  'rollout-restart': ({ target }) =>
    command(kubectl(target, ['rollout', 'restart', `${kindOf(target)}/${target.name}`])),
  tell: ({ text, commands = [] }) => ({ text: [text], commands }),
}

const command = (line: string): Instructions => ({ text: [], commands: [line] })

const applying = (manifest: Readonly<Record<string, unknown>>): string => {
  const yaml = stringify(manifest, { lineWidth: 0 }).trimEnd()
  const end = freeDelimiter(yaml.split('\n'))
  return `kubectl apply --server-side --field-manager=dynamo-metrics -f - <<'${end}'\n${yaml}\n${end}`
}

/** A here-document ends at the first line that is its delimiter. */
const freeDelimiter = (lines: readonly string[], candidate = 'EOF'): string =>
  lines.includes(candidate) ? freeDelimiter(lines, `${candidate}_`) : candidate

/** A merge patch of nothing but labels, or nothing but annotations, has a command of its own that reads better. */
const setting = ({ target, type, patch }: Step<'patch'>): string | undefined => {
  const [[field, metadata] = [], ...others] = entriesOf(patch)
  const [[map, values] = [], ...moreMaps] = entriesOf(metadata)
  const verb = verbs[map ?? '']
  const pairs = entriesOf(values)
  const only = type === 'merge' && field === 'metadata' && others.length === 0 && moreMaps.length === 0
  if (!only || verb === undefined || !pairs.every(([, value]) => value === null || typeof value === 'string'))
    return undefined
  const words = pairs.map(([key, value]) => (value === null ? `${key}-` : `${key}=${value}`))
  return kubectl(target, [
    verb,
    kindOf(target),
    target.name,
    ...words,
    ...(pairs.some(([, v]) => v !== null) ? ['--overwrite'] : []),
  ])
}

const verbs: Readonly<Record<string, string>> = { labels: 'label', annotations: 'annotate' }

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []

const patching = ({ target, type, patch }: Step<'patch'>): string =>
  kubectl(target, ['patch', kindOf(target), target.name, '--type', type, '-p', JSON.stringify(patch)])

/** A command of kubectl at the object's namespace, safe for a shell. */
export const kubectl = ({ namespace }: ObjectRef, words: readonly string[]): string =>
  ['kubectl', ...(namespace === undefined ? [] : ['-n', namespace]), ...words].map(quote).join(' ')

/** The core and the well-known groups go by their kind alone; of any other, the group says which is meant. */
export const kindOf = ({ apiVersion, kind }: ObjectRef): string => {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
  const plain = ['', 'apps', 'batch', 'networking.k8s.io', 'rbac.authorization.k8s.io', 'monitoring.coreos.com']
  return plain.includes(group) ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`
}

/** What is there already may be kubectl's own: a server-side apply of the same fields would meet a conflict. */
const delivering = ({ era, target, label }: Step<'dashboard'>): string => {
  if (label === undefined) return 'dynamo-metrics dashboard apply'
  const words = [
    ...['dynamo-metrics', 'dashboard', 'export', '--era', era, '--output', 'configmap'],
    ...(target.namespace === undefined ? [] : ['--namespace', target.namespace]),
    ...['--label', `${label.key}=${label.value}`],
  ]
  return `${words.map(quote).join(' ')} | kubectl apply --server-side --field-manager=dynamo-metrics -f -`
}

/**
 * A release does not remember where its chart came from, only the chart's name: the name stands in the command, and
 * the words say that a reference belongs there. It waits and rolls back by itself, as the upgrade of --fix does.
 */
const upgrading = ({ release, set }: Step<'helm-upgrade'>): Instructions => {
  const { namespace, name, chart, version } = release
  const values = Object.entries(set).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`])
  const words = [
    ...['helm', 'upgrade', name, chart ?? name, '-n', namespace],
    ...(version === undefined ? [] : ['--version', version]),
    ...['--reset-then-reuse-values', ...values, '--rollback-on-failure', '--wait'],
  ]
  return {
    text: [
      `${chart === undefined ? `${unknownChart(name)}${values.length > 0 ? wrappedChart : ''}` : referenceOf(chart)} Helm 3 says --atomic for --rollback-on-failure.`,
    ],
    commands: [words.map(quote).join(' ')],
  }
}

const referenceOf = (chart: string): string =>
  `In place of the chart's bare name ${chart}, write the reference it was installed from: repository/${chart}, an oci:// address or a folder (helm repo list, your CI or your notes say).`

const unknownChart = (release: string): string =>
  `The second ${release} stands for the chart, whose name this release does not tell: write the reference it was installed from (helm list, helm repo list).`

const wrappedChart =
  ' Where that is a chart of your own around the one whose value it is, the value stands below that one’s name.'

import { isDeepStrictEqual } from 'node:util'
import { redact } from '../cluster/redaction.ts'
import { contentOf } from '../fix/content-of.ts'
import { objectsIn } from '../fix/prepare.ts'
import type { Prepared, Write } from '../fix/write.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { Fix } from '../model/fix.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { commandsOf } from '../report/commands-of-fix.ts'
import { objectDiff } from '../report/object-diff.ts'
import type { Paper } from '../report/paper.ts'
import { quote } from '../report/quote.ts'

/** A fix as a person decides on it: what it changes, line by line, what follows, and how it is done by hand. */
export const previewOf = ({ cause, fix, risk, writes, notes }: Prepared, paper: Paper): string => {
  const { paint } = paper
  const grave = risk === 'safe' ? paint.green('safe') : paint.yellow('disruptive')
  const lines = [
    `${paint.bold(`${cause.code}: ${paper.plain(fix.title)}`)}  ${grave}`,
    ...paper.wrap(paper.plain(cause.message), '  '),
    ...writes.flatMap(write => ['', ...writeLines(write, paper)]),
    '',
    ...notes.flatMap(note => paper.wrap(paper.plain(note), '  note     ')),
    ...(fix.touches ?? []).flatMap(sentence => paper.wrap(paper.plain(sentence), '  touches  ')),
    ...paper.wrap(paper.plain(fix.lasts), '  lasts    '),
    ...paper.wrap(undoWords(writes), '  undo     '),
    ...commands(fix, writes).map(command => `  by hand  ${paint.dim(firstLine(paper.plain(command)))}`),
  ]
  return `${lines.join('\n')}\n`
}

const writeLines = (write: Write, paper: Paper): readonly string[] => {
  if (write.do === 'upgrade') return upgradeLines(write, paper)
  const old = write.do === 'patch' ? write.before : write.before?.object
  return objectLines(old, write.after, paper)
}

/** What an object is and will be; undefined where it is not there. */
export const objectLines = (
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  paper: Paper,
): readonly string[] => {
  const verb = before ? (after ? 'change' : 'delete') : 'create'
  const [name = ''] = [before, after].flatMap(object => (object ? formatRef(refOf(object)) : []))
  return [
    `  ${paper.paint.bold(`${verb} ${paper.plain(name)}`)}`,
    ...objectDiff(before && shown(before), after && shown(after), paper).map(line => `  ${line}`),
  ]
}

const upgradeLines = (
  { upgrade, before, after }: Extract<Write, { do: 'upgrade' }>,
  paper: Paper,
): readonly string[] => {
  const { release, reference, version, set } = upgrade
  const values = Object.entries(set).map(([path, value]) => `    ${path} = ${JSON.stringify(value)}`)
  return [
    `  ${paper.paint.bold(`upgrade Helm release ${release.namespace}/${release.name} with ${reference} ${version}`)}`,
    ...(values.length === 0 ? ['    with the values it has'] : values.map(paper.plain)),
    ...manifestLines(before.manifest, after.manifest, paper),
  ]
}

/** An upgrade in the words of the Helm that is there, which tried it. */
const commands = (fix: Fix, writes: readonly Write[]): readonly string[] => [
  ...commandsOf({ steps: fix.steps.filter(step => step.do !== 'helm-upgrade') }).commands,
  ...writes.flatMap(write => (write.do === 'upgrade' ? [write.after.command.map(quote).join(' ')] : [])),
]

/** The objects that differ between what two revisions of a release render. */
export const manifestLines = (before: string, after: string, paper: Paper): readonly string[] => {
  const old = byName(before)
  const fresh = byName(after)
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  return names.flatMap(name => {
    const lines = objectDiff(old.get(name), fresh.get(name), paper)
    return lines.length === 0 ? [] : [`    ${paper.plain(name)}`, ...lines.map(line => `    ${line}`)]
  })
}

const byName = (manifest: string): ReadonlyMap<string, unknown> =>
  new Map(objectsIn(manifest).map(object => [formatRef(refOf(object)), redact(object)]))

/** Nothing secret is shown, although it is compared and kept; nor an empty map that only stands for none. */
const shown = (object: KubernetesObject): unknown => {
  const { metadata, ...fields } = contentOf(object)
  const kept = Object.entries(metadata as object).filter(([, value]) => !isDeepStrictEqual(value, {}))
  return redact({ ...fields, metadata: Object.fromEntries(kept) })
}

/** A manifest stands above, as what is created. */
const firstLine = (command: string): string => {
  const [first = '', ...rest] = command.split('\n')
  return rest.length === 0 ? first : `${first.replace(/ <<.*$/, '')}  (the object above)`
}

const undoWords = (writes: readonly Write[]): string => {
  if (writes.some(write => write.do === 'patch' && !write.reversible)) return 'a restart cannot be taken back'
  return writes.some(write => write.do === 'upgrade')
    ? 'helm rollback to the revision before, by dynamo-metrics undo'
    : 'dynamo-metrics undo, as long as nobody else changes the same fields'
}

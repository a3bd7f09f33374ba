import { isDeepStrictEqual } from 'node:util'
import { redact } from '../cluster/redaction.ts'
import { fieldChanges, segmentsOf } from '../fix/field-change.ts'
import type { BackChange } from '../fix/take-back.ts'
import { commandsOf, kindOf, kubectl } from '../report/commands-of-fix.ts'
import type { Paper } from '../report/paper.ts'
import { quote } from '../report/quote.ts'
import { manifestLines, objectLines } from './fix-preview.ts'

/** What taking one write back changes, as a person decides on it, and how it is done by hand. */
export const undoPreviewOf = (
  { code, title }: { readonly code: string; readonly title: string },
  change: BackChange,
  paper: Paper,
): string => {
  const { paint, plain } = paper
  const lines = [
    paint.bold(`take back ${code}: ${plain(title)}`),
    ...changeLines(change, paper),
    `  by hand  ${paint.dim(plain(commandOf(change)))}`,
  ]
  return `${lines.join('\n')}\n`
}

const changeLines = (change: BackChange, paper: Paper): readonly string[] => {
  if (change.do !== 'roll back')
    return objectLines(change.before, change.do === 'delete' ? undefined : change.after, paper)
  const { release, before, after, note } = change
  const from = `from revision ${before.revision} to ${after.revision}`
  const values = fieldChanges(redact(before.values), redact(after.values)).map(
    ({ path, is }) => `    ${segmentsOf(path).join('.')} = ${is === undefined ? '(not set)' : JSON.stringify(is)}`,
  )
  return [
    `  ${paper.paint.bold(`roll back Helm release ${release.namespace}/${release.name} ${from}`)}`,
    ...(values.length === 0 ? ['    with the values it has'] : values.map(paper.plain)),
    ...manifestLines(before.manifest, after.manifest, paper),
    ...(note === undefined ? [] : [`  ${paper.plain(note)}`]),
  ]
}

const commandOf = (change: BackChange): string => {
  if (change.do === 'roll back') {
    const { release, after } = change
    const words = ['helm', 'rollback', release.name, String(after.revision), '-n', release.namespace, '--wait']
    return words.map(quote).join(' ')
  }
  const { ref } = change
  if (change.do === 'delete') return kubectl(ref, ['delete', kindOf(ref), ref.name])
  const { patch } = change
  const [command = ''] = commandsOf({ steps: [{ do: 'patch', target: ref, type: 'json', patch }] }).commands
  return command.length <= longest && isDeepStrictEqual(redact(patch), patch)
    ? command
    : `${kubectl(ref, ['edit', kindOf(ref), ref.name])}  (the change above)`
}

/** A whole dashboard on one line is no command that anybody reads, and what is secret is not shown at all. */
const longest = 600

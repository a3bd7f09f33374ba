import { readFileSync } from 'node:fs'
import type { Right } from '../../src/model/rbac.ts'
import { inWords } from './taken-rights.ts'

/** The rows of the tables of docs/permissions.md beneath a heading. */
export const rowsBeneath = (heading: string): readonly string[] => {
  const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8')
  const sections = page.split(/^#+ /m)
  const section = sections.find(text => text.startsWith(`${heading}\n`)) ?? ''
  return section.split('\n').filter(line => line.startsWith('| `'))
}

/** One right, or all that are wanted of one kind. */
export const rowOf = ([right, ...others]: readonly [Right, ...Right[]], ...more: readonly string[]): string => {
  const kind = inWords(right).slice(right.verb.length)
  const verbs = [right, ...others].map(({ verb }) => verb).join(' ')
  const scope = right.scope === 'cluster' ? 'cluster' : 'namespace'
  return `| ${[`\`${verbs}${kind}\``, scope, right.why, ...more].join(' | ')} |`
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checks } from '../checks/index.ts'
import { type Area, areas, type Check } from '../model/check.ts'
import { requireKnown } from './did-you-mean.ts'

/**
 * The page of a code, what a check or an area looks at, or, without an id, the list of all.
 * `root` is the package's folder. @throws UserError where there is no such id
 */
export const explanationOf = async (id: string | undefined, root: string): Promise<string> => {
  if (id === undefined) return `${areas.flatMap(areaList).join('\n')}\n\nOne of them: dynamo-metrics explain ID\n`
  requireKnown([id], [...areas, ...checks.map(check => check.id), ...codes], 'area, check or code')
  if (isArea(id)) return `${areaList(id).join('\n')}\n`
  const check = checks.find(candidate => candidate.id === id)
  return check ? `${checkPage(check).join('\n')}\n` : readFile(join(root, 'docs/codes', `${id}.md`), 'utf8')
}

const codes = checks.flatMap(check => Object.keys(check.codes))

const isArea = (id: string): id is Area => (areas as readonly string[]).includes(id)

const areaList = (area: Area): readonly string[] => {
  const own = checks.filter(check => check.area === area)
  return own.length === 0
    ? []
    : [area, ...own.flatMap(check => [`  ${check.id.padEnd(idWidth)}${check.title}`, ...codeList(check)])]
}

const idWidth =
  Math.max(...[...checks.map(({ id }) => id), ...codes.map(code => `  ${code}`)].map(({ length }) => length)) + 2

const codeList = (check: Check): readonly string[] =>
  Object.entries(check.codes).map(
    ([code, { title, severity }]) => `    ${code.padEnd(idWidth - 2)}${severity.padEnd(9)}${title}`,
  )

const checkPage = (check: Check): readonly string[] => [
  `# ${check.id}`,
  '',
  `${check.title}. Area: ${check.area}.`,
  '',
  `Reads: ${[...check.needs, ...check.wants.map(want => `${want} (if it can)`)].join(', ')}.`,
  ...(check.provedBy === undefined ? [] : [`Proved, where it cannot be read, by: ${check.provedBy}.`]),
  '',
  'Finds:',
  ...codeList(check),
]

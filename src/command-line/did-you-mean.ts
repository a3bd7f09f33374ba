import { distance } from 'fastest-levenshtein'
import { UserError } from '../model/errors.ts'

/**
 * Refuses a name that is not there, says which one was probably meant, and which there are.
 * @throws UserError
 */
export const requireKnown = (names: readonly string[], known: readonly string[], what: string): void => {
  const wrong = names.find(name => !known.includes(name))
  if (wrong !== undefined) throw new UserError(`There is no ${what} ${wrong}`, { hint: suggestion(wrong, known) })
}

/** More names than this are not told one by one. */
const tellable = 12

export const suggestion = (wrong: string, known: readonly string[]): string => {
  if (known.length === 0) return 'There is none.'
  const near = nearest(wrong, known)
  const meant = near === undefined ? '' : `Did you mean ${near}? `
  if (known.length <= tellable) return `${meant}There are: ${known.join(', ')}`
  return `${meant}All names: dynamo-metrics explain`
}

/** The nearest name, where it is near enough to have been meant; also one whose last part was given alone. */
export const nearest = (wrong: string, known: readonly string[]): string | undefined => {
  const byPart = known.find(name => name.endsWith(`/${wrong}`))
  const [best] = known.map(name => ({ name, edits: distance(wrong, name) })).sort((a, b) => a.edits - b.edits)
  return byPart ?? (best && best.edits <= Math.max(2, wrong.length / 3) ? best.name : undefined)
}

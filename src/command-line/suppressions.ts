import { parseSuppression } from '../engine/suppression-text.ts'
import { UserError } from '../model/errors.ts'
import type { Suppression } from '../model/suppression.ts'
import { requireKnown } from './did-you-mean.ts'

/** Reads the values of --suppress. @throws UserError where one says nothing usable, or names no code. */
export const suppressionsOf = (values: readonly string[], codes: readonly string[]): readonly Suppression[] => {
  const suppressions = values.map(value => {
    const parsed = parseSuppression(value)
    if (parsed.ok) return parsed.value
    throw new UserError(`--suppress ${value}: ${parsed.problem}`, {
      hint: "Write it like 'dashboard/missing: the team uses its own until 2026-12-31'",
    })
  })
  requireKnown(
    suppressions.map(({ code }) => code),
    codes.filter(code => code !== unsuppressible),
    'code that can be suppressed',
  )
  return suppressions
}

/** Where the API server was not reached, nothing was examined, and there is nothing to accept. */
const unsuppressible = 'access/unreachable'

import { expect } from 'vitest'

/** One question on which the real program and this project differ. */
export type Disagreement = Readonly<Record<'theirs' | 'ours', unknown>> & Readonly<Record<string, unknown>>

/** No disagreement: else the first few as JSON, one a line, for them to be tried by hand. */
export const expectAgreement = (disagreements: readonly Disagreement[]): void => {
  const shown = disagreements.slice(0, 12).map(({ theirs, ours, ...rest }) => JSON.stringify({ theirs, ours, ...rest }))
  expect(disagreements.length, `${disagreements.length} disagreements:\n${shown.join('\n')}`).toBe(0)
}

import type { Keeping } from './keeping.ts'
import type { SecondLook } from './verify.ts'

/**
 * When all who keep what was changed have come round. Of one that says no time only a quick answer is waited for, and
 * what it will do is said.
 */
export const secondLookOf = (keepers: readonly Keeping[]): SecondLook | undefined => {
  if (keepers.length === 0) return undefined
  const timed = keepers.filter(({ afterMs }) => afterMs !== undefined)
  const stands = sentences(
    keepers.filter(one => !timed.includes(one)),
    ({ keeper, words }) => `As to ${keeper}, a live change ${words}.`,
  )
  const waited = sentences(timed, ({ keeper, words }) => `${keeper} has not come round yet: a live change ${words}.`)
  return {
    afterMs: Math.max(...keepers.map(({ afterMs = quickMs }) => afterMs)),
    stands,
    tooEarly: [waited, stands].filter(Boolean).join(' '),
  }
}

const quickMs = 30_000

const sentences = (keepers: readonly Keeping[], say: (keeping: Keeping) => string): string =>
  [...new Set(keepers.map(say))].join(' ')

import fc from 'fast-check'

const asked = process.env.DIFFERENTIAL_SEED

/** What the random worlds are made from: always the same, but for DIFFERENTIAL_SEED, a number or `random`. The titles of the tests name it. */
export const seed: number = asked === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(asked ?? 1)

/** The same ones in each run of a seed. */
export function many<T>(count: number, arbitrary: (index: number) => fc.Arbitrary<T>): readonly T[] {
  return each([...Array(count).keys()], arbitrary)
}

/** One for each, the same in each run of a seed. */
export function each<From, T>(
  from: readonly From[],
  arbitrary: (one: From, index: number) => fc.Arbitrary<T>,
): readonly T[] {
  return from.flatMap((one, index) => fc.sample(arbitrary(one, index), { numRuns: 1, seed: seed + index * 7919 }))
}

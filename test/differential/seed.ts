const asked = process.env.DIFFERENTIAL_SEED

/** What the random worlds are made from: always the same, but for DIFFERENTIAL_SEED, a number or `random`. The titles of the tests name it. */
export const seed: number = asked === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(asked ?? 1)

/**
 * Of several candidates, each with what keeps it from working, the one that is nearest to it. A candidate that
 * nothing keeps wins at once: then there is nothing to say.
 */
export const nearest = <T>(candidates: readonly (readonly T[])[]): readonly T[] =>
  candidates.reduce<readonly T[] | undefined>(
    (best, obstacles) => (best === undefined || obstacles.length < best.length ? obstacles : best),
    undefined,
  ) ?? []

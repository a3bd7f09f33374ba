/** Where resources of a kind are. */
export interface Place {
  readonly kind: string
  readonly namespace: string
}

/** What happened there so far: each number only grows. */
export interface Happened extends Place {
  /** There is one event a second. */
  readonly seconds: number
  /** Events besides. One of ten fails or is denied, and one of five is slow. */
  readonly load: number
}

export type Tally = Map<string, Happened>

/** Seconds pass, with so many events besides, for the resources that are there; for those that are gone nothing does. */
export function passTime(tally: Tally, places: readonly Place[], seconds: number, load: number): void {
  for (const place of places) {
    const key = `${place.kind}/${place.namespace}`
    const before = tally.get(key) ?? { seconds: 0, load: 0 }
    tally.set(key, { ...place, seconds: before.seconds + seconds, load: before.load + load })
  }
}

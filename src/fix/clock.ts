/** Time, given from outside. */
export interface Clock {
  /** Milliseconds, ever growing. */
  now(): number
  sleep(milliseconds: number): Promise<void>
  /** RFC 3339. */
  date(): string
}

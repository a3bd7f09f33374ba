/** What a JSON value says. String() throws for an object with a `toString` of its own, and a file may hold one. */
export const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)

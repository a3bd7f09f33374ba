/** What is wrong with one field of an object. */
export interface FieldProblem {
  readonly path: string
  readonly expected: string
  readonly actual: string
}

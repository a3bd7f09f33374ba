/** The user can act on it: a wrong flag, no kubeconfig, a broken file. One line says what, the hint says what to do. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly hint: string | undefined

  constructor(message: string, { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.hint = hint
  }
}

/** This program is wrong: the message asks for a report. */
export class Bug extends Error {
  override readonly name = 'Bug'

  constructor(message: string, { cause }: { readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

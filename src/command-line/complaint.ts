import { Bug, UserError } from '../model/errors.ts'

export interface Complaint {
  readonly exitCode: number
  /** What stderr is told; empty where all was said already. */
  readonly text: string
}

/**
 * What is said of an error, and the exit code it ends with: 2 for what the user can put right, 3 where the program
 * itself failed, so that nothing could be checked. A stack trace comes with --verbose only.
 */
export const complaintOf = async (error: unknown, args: readonly string[]): Promise<Complaint> => {
  const own = isUsageError(error) ? await usageError(error, args) : error
  if (own instanceof UserError) return { exitCode: 2, text: lines(own.message, own.hint, stackFor(args, own.cause)) }
  if (isExit(own)) return { exitCode: own.oclif.exit === notFound ? 2 : own.oclif.exit, text: '' }
  const failure = own instanceof Error ? own : new Bug(String(own))
  return {
    exitCode: 3,
    text: lines(
      `Something went wrong in dynamo-metrics itself: ${failure.message}`,
      args.includes('--verbose')
        ? 'Please report this with the lines below.'
        : 'Please report this with the output of --verbose.',
      stackFor(args, failure),
    ),
  }
}

const lines = (message: string, hint: string | undefined, stack: string): string =>
  [`dynamo-metrics: ${message.trimEnd()}`, ...(hint ? [`  ${hint}`] : []), ...(stack ? [stack] : [])]
    .map(line => `${line}\n`)
    .join('')

const stackFor = (args: readonly string[], error: unknown): string =>
  args.includes('--verbose') && error instanceof Error ? (error.stack ?? '') : ''

/** plugin-not-found ends with this when there is no such command; where one of our own was meant, it is not loaded. */
const notFound = 127
const isNotFound = ({ oclif, message }: OclifError): boolean =>
  oclif.exit === notFound || /^command \S+ not found$/.test(message)

interface OclifError extends Error {
  readonly oclif: { readonly exit: number }
}

interface UsageError extends OclifError {
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } }
  readonly flags?: readonly string[]
}

const isOclifError = (error: unknown): error is OclifError =>
  error instanceof Error &&
  'oclif' in error &&
  typeof (error.oclif as { exit?: unknown } | undefined)?.exit === 'number'

const isExit = (error: unknown): error is OclifError => isOclifError(error) && 'code' in error && error.code === 'EEXIT'

const isUsageError = (error: unknown): error is UsageError => isOclifError(error) && !isExit(error)

/** oclif's own complaints, cut down to one line that says what there is. */
const usageError = async (error: UsageError, args: readonly string[]): Promise<UserError> => {
  const { nearest, suggestion } = await import('./did-you-mean.ts')
  const [first = '', second = ''] = args.filter(arg => !arg.startsWith('-'))
  const ofTopic = commands[first] ?? []
  const command = ofTopic.includes(second) ? `${first} ${second}` : first
  if (isNotFound(error)) {
    if (!(first in commands))
      return new UserError(`There is no command ${first}`, { hint: suggestion(first, Object.keys(commands)) })
    return ofTopic.length > 0 && command === first
      ? new UserError(`There is no command ${first} ${second}`, { hint: suggestion(second, ofTopic) })
      : new UserError(`${command} takes no such argument`, { hint: helpOf(command) })
  }
  const [wrong] = error.flags ?? []
  if (wrong !== undefined) {
    const meant = nearest(
      wrong,
      Object.keys(error.parse?.input?.flags ?? {}).map(name => `--${name}`),
    )
    return new UserError(`There is no flag ${wrong}`, {
      hint: `${meant ? `Did you mean ${meant}? ` : ''}${helpOf(command)}`,
    })
  }
  const [message = ''] = error.message.split('\nSee more help')
  return new UserError(message.replaceAll(/\s*\n\s*/g, ' '), { hint: helpOf(command), cause: error })
}

/** With what may follow each; a test holds them to the files of src/commands. */
const commands: Readonly<Record<string, readonly string[]>> = {
  collection: ['status', 'enable', 'disable'],
  dashboard: ['export', 'apply', 'preview', 'diff'],
  doctor: [],
  explain: [],
  generate: ['rbac'],
  metrics: [],
  open: [],
  query: [],
  snapshot: [],
  undo: [],
  help: [],
  autocomplete: [],
}

const helpOf = (command: string): string => `All flags: dynamo-metrics ${command} --help`

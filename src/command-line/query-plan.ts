import type { DashboardEra } from '../dynamo/dashboard-eras.ts'
import { stepFor } from '../dynamo/dashboard-values.ts'
import { type QueryName, queryNames } from '../dynamo/named-queries.ts'
import { UserError } from '../model/errors.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { nearest } from './did-you-mean.ts'
import { durationOf } from './duration.ts'
import type { Output } from './outputs.ts'

export interface QueryFlags extends ClusterFlags, SearchFlags {
  readonly era?: DashboardEra | undefined
  readonly range?: string | undefined
  readonly step?: string | undefined
  readonly namespace?: readonly string[] | undefined
  readonly 'resource-type'?: string | undefined
  readonly limit: number
  readonly watch: boolean
  readonly every: string
  readonly output: readonly string[]
  readonly color?: boolean | undefined
}

export const queryFormats = ['text', 'json', 'csv', 'svg', 'html'] as const

export type QueryOutput = Output<(typeof queryFormats)[number]>

/** What is asked, as far as no cluster is needed to know it. */
export interface Plan {
  readonly name?: QueryName
  readonly expression?: string
  /** Its expression has the dashboard's variables in it. */
  readonly hasVariables: boolean
  readonly range?: { readonly seconds: number; readonly step: number }
}

/** Judges what was asked for. @throws UserError */
export const planOf = async (asked: string, flags: QueryFlags, outputs: readonly QueryOutput[]): Promise<Plan> => {
  if (!(flags.limit >= 1)) throw new UserError('--limit is at least 1')
  const seconds = flags.range === undefined ? undefined : wholeSeconds(flags.range, '--range')
  const step = flags.step === undefined ? stepFor(seconds ?? 0) : wholeSeconds(flags.step, '--step')
  const chart = outputs.find(({ format }) => format === 'svg' || format === 'html')
  if (chart && (seconds === undefined || chart.file === undefined))
    throw new UserError(`--output ${chart.format} draws over time, into a file`, {
      hint: `Write it like --range 1h --output ${chart.format}=query.${chart.format}`,
    })
  if (flags.step !== undefined && seconds === undefined)
    throw new UserError('--step goes with --range', { hint: 'Write it like --range 1h --step 30s' })
  if (flags.watch && outputs.some(({ format, file }) => format !== 'text' || file !== undefined))
    throw new UserError('--watch draws text: it takes no other --output')
  const range = seconds === undefined ? {} : { range: { seconds, step } }
  const name = queryNames.find(known => known === asked)
  if (name !== undefined) return { name, hasVariables: true, ...range }
  const meant = /^[a-z]+(?:-[a-z0-9]+)+$/.test(asked) ? nearest(asked, queryNames) : undefined
  if (meant !== undefined)
    throw new UserError(`There is no query ${asked}`, { hint: `Did you mean ${meant}? All: dynamo-metrics query` })
  const hasVariables = /\$(?:job|namespace|resource_type|__rate_interval|__range)\b/.test(asked)
  if (!hasVariables) await requireSyntax(asked)
  requireFilterable(asked, flags, 'the expression')
  return { expression: asked, hasVariables, ...range }
}

const wholeSeconds = (text: string, flag: string): number => Math.max(1, Math.round(durationOf(text, flag) / 1000))

/** @throws UserError with a caret below the place that the grammar does not take */
export const requireSyntax = async (expression: string): Promise<void> => {
  const { syntaxError } = await import('../prometheus/expression-error.ts')
  const error = syntaxError(expression)
  if (error) throw new UserError('The expression does not parse', { hint: withCaret(expression, error).join('\n  ') })
}

/** The line of the expression in which something is wrong, and a caret below the place. */
export const withCaret = (
  expression: string,
  { message, at }: { readonly message: string; readonly at?: number },
): readonly string[] => {
  if (at === undefined) return [clean(message)]
  const start = expression.lastIndexOf('\n', at - 1) + 1
  const line = expression.slice(start).split('\n')[0] ?? ''
  return [clean(line), `${' '.repeat(clean(line.slice(0, at - start)).length)}^ ${clean(message)}`]
}

/** Without what would move a terminal's cursor: the caret is to stand where it should. */
export const clean = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ')

/**
 * A filter that would change nothing is refused: its answer would not be what was asked for.
 * @throws UserError
 */
export const requireFilterable = (expression: string, flags: QueryFlags, what: string): void => {
  const filters = [
    ['namespace', flags.namespace],
    ['resource_type', flags['resource-type']],
  ] as const
  for (const [variable, chosen] of filters)
    if (chosen !== undefined && !expression.includes(`$${variable}`))
      throw new UserError(`--${variable.replace('_', '-')} does not narrow ${what}`, {
        hint: queryNames.some(name => what.startsWith(name))
          ? 'Its metrics do not tell it, or it is of one value by itself.'
          : `Put $${variable} where it is to stand, like {${variable}=~"$${variable}"}`,
      })
}

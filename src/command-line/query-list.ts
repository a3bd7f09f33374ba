import { type DashboardEra, dashboardEraNames, dashboardEras } from '../dynamo/dashboard-eras.ts'
import { namedQuery, type QueryName, queryNames } from '../dynamo/named-queries.ts'
import { UserError } from '../model/errors.ts'
import { paperFor } from '../report/paper.ts'
import { writeText } from './outputs.ts'
import type { QueryFlags, QueryOutput } from './query-plan.ts'
import { styleFor } from './terminal.ts'

/** The names with what they ask, without a cluster: where versions differ, each. */
export const listQueries = async (outputs: readonly QueryOutput[], flags: QueryFlags): Promise<number> => {
  if (flags.watch || flags.range !== undefined || outputs.some(({ format }) => format !== 'text' && format !== 'json'))
    throw new UserError('There is nothing to ask', { hint: `Name a query: ${queryNames.join(', ')}, or an expression` })
  const queries = queryNames.map(name => ({ name, variants: variantsOf(name, flags.era) }))
  const json = `${JSON.stringify(queries, null, 2)}\n`
  const text = queries
    .map(({ name, variants }) =>
      [
        `${name}  ${variants[0]?.title ?? ''}`,
        ...variants.flatMap(variant => variantLines(variant, variants.length)),
        '  The documentation asks:',
        `    ${variants[0]?.documented.expression ?? ''}`,
        ...differences(variants),
      ].join('\n'),
    )
    .join('\n\n')
  for (const { format, file } of outputs)
    await writeText(format === 'json' ? json : `${text}\n\n${aboutVariables}\n`, file)
  return 0
}

const aboutVariables =
  '$namespace and $resource_type are what --namespace and --resource-type choose, else all; $job is where the operator’s metrics are.'

const variantsOf = (name: QueryName, era: DashboardEra | undefined) => {
  const byExpression = new Map<string, DashboardEra[]>()
  for (const one of era === undefined ? dashboardEraNames : [era]) {
    const { expression } = namedQuery(name, one)
    byExpression.set(expression, [...(byExpression.get(expression) ?? []), one])
  }
  return [...byExpression.entries()].map(([expression, eras]) => {
    const { title, unit, documented } = namedQuery(name, eras[0] ?? '1.6')
    return { title, unit, eras, expression, documented }
  })
}

/** Of all versions where it is the same. */
const differences = (variants: ReturnType<typeof variantsOf>): readonly string[] =>
  variants.flatMap(({ eras, documented: { differs } }) =>
    paper.wrap(`Ours${variants.length > 1 ? ` of ${versionsOf(eras)}` : ''} differs: ${differs.join('; ')}.`, '  '),
  )

const paper = paperFor(styleFor('stdout', { verbose: false, color: undefined }))

const versionsOf = (eras: readonly DashboardEra[]): string => eras.map(era => dashboardEras[era].versions).join(', ')

const variantLines = (
  { eras, expression }: ReturnType<typeof variantsOf>[number],
  variants: number,
): readonly string[] => [
  ...(variants > 1 ? [`  Dynamo ${versionsOf(eras)}:`] : []),
  ...expression.split('\n').map(line => `    ${line}`),
]

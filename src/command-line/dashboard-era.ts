import { type DashboardEra, dashboardEraNames, hasDashboard } from '../dynamo/dashboard-eras.ts'
import { isCertainEra } from '../dynamo/era.ts'
import { UserError } from '../model/errors.ts'
import type { FactsOnly } from './facts-only.ts'
import { notRead } from './not-read.ts'

export interface KnownEra {
  readonly era: DashboardEra
  /** Named, or of an operator that surely serves all that its era does. */
  readonly certain: boolean
}

/** The era to draw for; or why there is none, with the exit code that stands for it. */
export type FoundEra = KnownEra | { readonly exitCode: 2 | 3; readonly complaint: string; readonly hint: string }

/**
 * The era of this cluster's operator. Of several the newest: what its dashboard asks about reconciliations, operators of
 * every era have.
 */
const eraOfCluster = async ({ fact }: FactsOnly): Promise<FoundEra> => {
  const chains = await fact('chains')
  if (!chains.ok) return { exitCode: 3, complaint: notRead(chains.unavailable), hint: nameIt }
  const { items, unread } = chains.value
  const eras = items.map(({ era }) => era)
  const era = dashboardEraNames.findLast(name => eras.includes(name))
  if (era !== undefined) return { era, certain: items.every(isCertainEra) }
  if (eras.some(found => !hasDashboard(found)))
    return {
      exitCode: 2,
      complaint: 'This cluster’s operator is older than 0.9 and serves no metrics of its own: there is nothing to draw',
      hint: 'For the operator you mean to have, name its era: --era 1.6',
    }
  const [refused] = unread
  return refused
    ? { exitCode: 3, complaint: notRead(refused), hint: nameIt }
    : { exitCode: 2, complaint: 'No Dynamo operator was found in this cluster', hint: nameIt }
}

const nameIt = `Name the era of your operator: --era ${dashboardEraNames.join('|')}`

/** The flag where it is given, else what the cluster says. @throws UserError where no cluster is named either */
export const eraOf = async (named: DashboardEra | undefined, facts: () => Promise<FactsOnly>): Promise<FoundEra> => {
  if (named !== undefined) return { era: named, certain: true }
  try {
    return await eraOfCluster(await facts())
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.message, { hint: nameIt, cause: error })
    throw error
  }
}

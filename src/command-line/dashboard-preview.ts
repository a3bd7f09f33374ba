import { writeFile } from 'node:fs/promises'
import type { DashboardEra } from '../dynamo/dashboard-eras.ts'
import { dashboardEras } from '../dynamo/dashboard-eras.ts'
import { expectedDashboard } from '../dynamo/expected.ts'
import { operatorSource } from '../facts/operator-source.ts'
import { UserError } from '../model/errors.ts'
import { dashboardPage } from '../report/dashboard-page.ts'
import { clusterFacts } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { eraOf } from './dashboard-era.ts'
import { requireKnown } from './did-you-mean.ts'
import { drawnDashboard } from './drawn-dashboard.ts'
import { durationOf } from './duration.ts'
import { doctorKnows, nothingToDraw } from './no-metrics.ts'
import { notRead } from './not-read.ts'

export interface PreviewFlags extends ClusterFlags, SearchFlags {
  readonly era?: DashboardEra | undefined
  readonly range: string
  readonly namespace?: readonly string[] | undefined
  readonly 'resource-type'?: string | undefined
}

export interface Previewed {
  readonly exitCode: number
  /** What to tell the user, a line each. */
  readonly notes: readonly string[]
}

/** Draws the ten panels from live data into one HTML file. @throws UserError where a flag or the file will not do */
export const previewDashboard = async (file: string, flags: PreviewFlags): Promise<Previewed> => {
  const seconds = Math.round(durationOf(flags.range, '--range') / 1000)
  const context = await clusterFacts(flags)
  const known = await eraOf(flags.era, async () => context)
  if (!('era' in known)) return { exitCode: known.exitCode, notes: [known.complaint, known.hint] }
  const { era } = known
  if (flags['resource-type'] !== undefined)
    requireKnown([flags['resource-type']], dashboardEras[era].resourceTypes, 'resource type')
  const found = await operatorSource(context)
  if (!found.ok) return { exitCode: 3, notes: [notRead(found.unavailable), doctorKnows] }
  const source = found.value
  if (!source) return { exitCode: 1, notes: [nothingToDraw, doctorKnows] }
  const chosen = { namespaces: flags.namespace, resourceType: flags['resource-type'] }
  const { sections, window } = await drawnDashboard(context, { era, source, seconds, ...chosen })
  const about = [
    ['Context', context.cluster.source.name],
    ['Dynamo', dashboardEras[era].versions],
    ['Prometheus', source.name],
    ['Namespace', flags.namespace?.join(', ') ?? 'All'],
    ['Resource Type', flags['resource-type'] ?? 'All'],
    ['Time', `${flags.range} until ${instant(window.to)} UTC`],
  ] as const
  await writeFile(file, dashboardPage({ title: expectedDashboard.title, about, window, sections })).catch(
    cannotBeWritten(file),
  )
  const failed = sections.flatMap(({ panels }) => panels).filter(({ answer }) => 'failed' in answer)
  return {
    exitCode: failed.length > 0 ? 3 : 0,
    notes: [file, ...failed.map(({ title }) => `Prometheus did not answer for the panel “${title}”`)],
  }
}

const instant = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')

const cannotBeWritten =
  (file: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw new UserError(`The page cannot be written to ${file}: ${cause.code}`, {
      hint: 'Does its folder exist?',
      cause,
    })
  }

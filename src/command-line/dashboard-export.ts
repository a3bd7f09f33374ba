import type { DashboardEra } from '../dynamo/dashboard-eras.ts'
import { dashboardConfigMap, dashboardJson, grafanaDashboard } from '../dynamo/dashboard-manifests.ts'
import type { ReadContext } from '../facts/fact-reader.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { eraOf, type FoundEra } from './dashboard-era.ts'
import {
  type FoundPlace,
  type PlaceFlags,
  placeForOperator,
  placeInCluster,
  placeWithoutCluster,
  usualLabels,
} from './dashboard-place.ts'

export interface ExportFlags extends ClusterFlags, SearchFlags, PlaceFlags {
  readonly era?: DashboardEra | undefined
  readonly output: keyof typeof formats
}

export interface Exported {
  readonly exitCode: number
  /** For stdout. */
  readonly text: string
  /** For stderr, a line each. */
  readonly notes: readonly string[]
}

/**
 * The dashboard as JSON or as a manifest. With an era by flag no cluster is asked, or loaded for.
 * @throws UserError where a flag means nothing
 */
export const exportDashboard = async (flags: ExportFlags): Promise<Exported> => {
  const facts = factsOnce(flags)
  const found = await eraOf(flags.era, facts)
  if (!('era' in found)) return refusal(found)
  return formats[flags.output](found.era, flags, facts)
}

type Facts = () => Promise<ReadContext>
type Format = (era: DashboardEra, flags: ExportFlags, facts: Facts) => Promise<Exported>

const formats = {
  json: async era => ({ exitCode: 0, text: dashboardJson(era), notes: [] }),
  configmap: async (era, flags, facts) => {
    const found =
      flags.era === undefined ? await placeInCluster(flags, facts) : placeWithoutCluster(flags, usualLabels.sidecar)
    return manifest(dashboardConfigMap(era, found.place), found)
  },
  'grafana-dashboard': async (era, flags, facts) => {
    const found =
      flags.era === undefined ? await placeForOperator(flags, facts) : placeWithoutCluster(flags, usualLabels.grafana)
    return manifest(grafanaDashboard(era, found.place), found)
  },
} satisfies Record<string, Format>

const manifest = async (object: KubernetesObject, { note }: FoundPlace): Promise<Exported> => {
  const { manifestFormats } = await import('../report/manifests.ts')
  return {
    exitCode: 0,
    text: manifestFormats.yaml([{ object, reasons: [] }]),
    notes: note === undefined ? [] : [note],
  }
}

const refusal = ({ exitCode, complaint, hint }: Exclude<FoundEra, { era: DashboardEra }>): Exported => ({
  exitCode,
  text: '',
  notes: [complaint, hint],
})

const factsOnce = (flags: ExportFlags): Facts => {
  let facts: Promise<ReadContext> | undefined
  return () => {
    facts ??= import('./cluster-facts.ts').then(({ clusterFacts }) => clusterFacts(flags))
    return facts
  }
}

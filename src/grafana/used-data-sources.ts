import type { DataSource } from '../model/grafana.ts'

/** Kinds of data source that speak PromQL and are not Grafana's own Prometheus: what they ask is not known. */
const relatives = /prometheus|mimir|thanos|victoriametrics/i

export const isPrometheus = ({ type }: DataSource): boolean => type === 'prometheus'

export const speaksPromql = (source: DataSource): boolean => isPrometheus(source) || relatives.test(source.type)

/**
 * The data sources that a dashboard asks: those its panels name by uid; else what its variable for the data source
 * begins with, which is the default one, or the first by name.
 */
export const usedDataSources = (sources: readonly DataSource[], uids: readonly string[]): readonly DataSource[] => {
  const candidates = sources.filter(speaksPromql)
  const named = candidates.filter(({ uid }) => uid !== undefined && uids.includes(uid))
  if (named.length > 0) return named
  const byName = candidates
    .filter(isPrometheus)
    .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
  return [byName.find(({ isDefault }) => isDefault) ?? byName[0]].filter(source => source !== undefined)
}

/** Whether any dashboard can ask but one of them, whatever it names. */
export const leavesNoChoice = (sources: readonly DataSource[]): boolean => {
  const candidates = sources.filter(speaksPromql)
  return candidates.length <= 1 && candidates.every(isPrometheus)
}

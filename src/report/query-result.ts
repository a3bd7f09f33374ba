import type { Unit } from './measured.ts'
import type { TimeWindow } from './panel-chart.ts'

/** What became of a query, before it is rendered. */
export interface QueryResult {
  /** One of the documented names. */
  readonly name?: string
  readonly title: string
  /** As it was asked. */
  readonly expression: string
  /** What the documentation asks under this name, and in what that differs. */
  readonly documented?: { readonly expression: string; readonly differs: readonly string[]; readonly source: string }
  readonly unit: Unit
  /** Labels whose values name a series; absent: all that it has. */
  readonly legend?: readonly string[]
  /** The versions of the Dynamo platform whose expression this is. */
  readonly era?: string
  readonly context: string
  readonly prometheus: { readonly name: string; readonly asked: readonly string[] }
  readonly type: 'vector' | 'matrix' | 'scalar' | 'string'
  /** Where it was asked over time. */
  readonly window?: TimeWindow & { readonly step: number }
  readonly series: readonly ResultSeries[]
  /** Of a string. */
  readonly text?: string
  /**
   * How many series there are, where not all of them are kept; at least so many, where Prometheus cut them itself. Fewer
   * than the limit are kept of answers that are too long for the memory.
   */
  readonly cut?: { readonly of: number; readonly atLeast: boolean; readonly tooLong?: true }
  readonly notes: readonly string[]
  readonly empty?: Emptiness
}

export interface ResultSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since 1970, and the value; in order of time. */
  readonly points: readonly (readonly [time: number, value: number])[]
}

/** Why nothing came: nothing happened yet, the metrics are not there, a filter left nothing, none of these, or unknown. */
export interface Emptiness {
  readonly why: 'idle' | 'absent' | 'filtered' | 'quiet' | 'unknown'
  readonly lines: readonly string[]
}

/** How a series is called in a legend. */
export const nameOfSeries = ({ labels }: ResultSeries, legend: readonly string[] | undefined): string => {
  if (legend)
    return legend
      .map(label => labels[label] ?? '')
      .filter(Boolean)
      .join(' ')
  const { __name__: name = '', ...others } = labels
  const matchers = Object.entries(others).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return `${name}{${matchers.sort().join(', ')}}`
}

/** The labels that the series have, the name of the metric first. */
export const labelsOf = ({ legend, series }: QueryResult): readonly string[] => {
  const all = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].sort()
  return [...(legend ?? []), ...all.filter(label => !legend?.includes(label))]
}

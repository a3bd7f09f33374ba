import { alternatives } from '../grafana/interpolate.ts'
import type { MetricMetadata } from '../model/prometheus.ts'
import type { Asked } from './ask-prometheus.ts'
import type { ReadContext } from './fact-reader.ts'
import { metadataOfTargets } from './metric-metadata.ts'
import type { OperatorSource } from './operator-source.ts'

/** Where a shard has what it scrapes of the operator now. */
export interface ScrapedNow {
  readonly shard: Asked
  /** The body of a PromQL selector. */
  readonly selector: string
  /** What the targets declare, by name; empty where nobody knows targets. */
  readonly declared: readonly (readonly [name: string, said: MetricMetadata])[]
}

/**
 * The targets of now alone, where Prometheus knows them. An instant query returns the last samples of a target that is
 * gone for five minutes where its end was not noted, as when Prometheus was restarted in between.
 */
export const scrapedNow = ({ shards, jobs }: OperatorSource, context: ReadContext): Promise<readonly ScrapedNow[]> =>
  Promise.all(
    shards.map(async shard => {
      const ofJobs = anyOf('job', jobs)
      const { named, instances } = await metadataOfTargets(context, shard, `{${ofJobs}}`)
      const selector = instances.length > 0 ? `${ofJobs}, ${anyOf('instance', instances)}` : ofJobs
      return { shard, selector, declared: named }
    }),
  )

const anyOf = (label: string, values: readonly string[]): string =>
  `${label}=~"${alternatives(values).replaceAll('"', String.raw`\"`)}"`

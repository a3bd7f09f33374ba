import type { PrometheusState, Target } from '../model/prometheus.ts'
import { itemsIn, type Listing, type Read } from '../model/read.ts'

/** What the shards that answered scrape now, of every Prometheus. */
export const activeTargets = (states: Read<Listing<PrometheusState>>): readonly Target[] =>
  itemsIn(states)
    .flatMap(({ shards }) => shards)
    .flatMap(({ active }) => (active.ok ? active.value : []))

import type { PrometheusState } from '../model/prometheus.ts'

/** The same answers, with what other jobs scrape at the same addresses among the active targets. */
export const withOthers = (state: PrometheusState): PrometheusState => ({
  ...state,
  shards: state.shards.map(shard =>
    shard.active.ok && shard.others?.ok
      ? { ...shard, active: { ok: true, value: [...shard.active.value, ...shard.others.value] } }
      : shard,
  ),
})

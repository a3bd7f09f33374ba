/** Milliseconds until a changed ConfigMap is in Grafana at the latest: a watch that was lost, and one poll. */
export const deliveryTime = 120_000

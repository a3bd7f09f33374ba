import type { Sidecar } from '../model/grafana.ts'

/**
 * Seconds until a changed ConfigMap is in Grafana at the latest: the sidecar's next look, and Grafana's own. One that
 * watches looks anew after a minute, where the watch was lost; one that sleeps in between, after SLEEP_TIME; one that
 * looks once and ends is started again, at last every five minutes (the kubelet's pause between restarts).
 * Upstream: k8s-sidecar src/sidecar.py and src/resources.py.
 */
export const deliverySeconds = (sidecar: Sidecar | undefined): number => nextLook(sidecar) + 60

const nextLook = (sidecar: Sidecar | undefined): number => {
  if (!sidecar) return 60
  const { METHOD, SLEEP_TIME = '60' } = sidecar.settings
  if (METHOD === 'LIST' && !sidecar.once) return 300
  return METHOD === 'SLEEP' && /^\d+$/.test(SLEEP_TIME) ? Number(SLEEP_TIME) : 60
}

/** For a sentence: `two minutes`. */
export const deliveryWords = (sidecar: Sidecar | undefined): string => {
  const minutes = Math.ceil(deliverySeconds(sidecar) / 60)
  return minutes === 2 ? 'two minutes' : `${minutes} minutes`
}

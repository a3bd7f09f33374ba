import { changedAt } from '../kubernetes/changed-at.ts'
import type { Sidecar } from '../model/grafana.ts'
import type { ConfigMap } from '../model/kubernetes.ts'
import { isPolling } from './sidecar.ts'

/**
 * Seconds until a changed ConfigMap is in Grafana at the latest: the sidecar's next look, and Grafana's own. One that
 * watches looks anew after a minute, where the watch was lost; one that sleeps in between, after SLEEP_TIME; one that
 * looks once and ends is started again, at last every five minutes (the kubelet's pause between restarts). Where
 * nobody calls Grafana (REQ_URL) it looks as often as its provider says. Undefined where the pod template does not say
 * how long it sleeps.
 * Upstream: k8s-sidecar src/sidecar.py and src/resources.py.
 */
export const deliverySeconds = (sidecar: Sidecar | undefined, pollSeconds = 0): number | undefined => {
  const look = sidecar ? nextLook(sidecar) : 60
  const isCalled = sidecar?.settings.REQ_URL !== undefined
  return look === undefined ? undefined : look + (isCalled ? 60 : Math.max(60, pollSeconds))
}

const nextLook = (sidecar: Sidecar): number | undefined => {
  const { settings, unreadable, once } = sidecar
  const { METHOD, SLEEP_TIME = '60' } = settings
  if (METHOD === 'LIST') return once ? 60 : 300
  if (isPolling(sidecar) === false) return 60
  if (unreadable.includes('SLEEP_TIME')) return undefined
  const seconds = Math.max(60, pythonInteger(SLEEP_TIME) ?? 0)
  return unreadable.includes('METHOD') ? Math.max(300, seconds) : seconds
}

/** What is no number ends a pause at once, with an error. */
const pythonInteger = (text: string): number | undefined =>
  /^\s*\+?\d+\s*$/.test(text) ? Number(text.trim()) : undefined

/** Whether the last change of a dashboard's file may not have come to Grafana yet. Without a clock nobody can tell, and it counts as old. */
export const isOnItsWay = (file: ConfigMap, seconds: number, now: number | undefined): boolean =>
  now !== undefined && now - changedAt(file) < seconds * 1000

/** For a sentence: `two minutes`. */
export const deliveryWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60)
  return minutes === 2 ? 'two minutes' : `${minutes} minutes`
}

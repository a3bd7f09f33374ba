import type { Container, KeySelector, Workload } from '../model/kubernetes.ts'

/** Where the administrator's login stands: names of a Secret's keys, never its values. */
export interface GrafanaLogin {
  readonly namespace: string
  readonly secret: string
  readonly userKey: string
  readonly passwordKey: string
}

/**
 * The Secret that Grafana's container takes its first administrator's login from. It is the login of the first start:
 * a password changed since then answers 401.
 */
export const loginOf = (workload: Workload, container: Container | undefined): GrafanaLogin | undefined => {
  const user = secretKey(container, 'GF_SECURITY_ADMIN_USER')
  const password = secretKey(container, 'GF_SECURITY_ADMIN_PASSWORD')
  const namespace = workload.metadata.namespace
  if (!user?.name || user.name !== password?.name || namespace === undefined) return undefined
  return { namespace, secret: user.name, userKey: user.key, passwordKey: password.key }
}

const secretKey = (container: Container | undefined, name: string): KeySelector | undefined =>
  container?.env?.findLast(entry => entry.name === name)?.valueFrom?.secretKeyRef

import { inClusterClient, inClusterNamespace, KubeError, type KubeObject, request } from '../kube-client.ts'

interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly leaseTransitions?: number
    readonly acquireTime?: string
    readonly renewTime?: string
  }
}

/** Shorter than client-go's fifteen, so that a new operator leads within seconds. */
const leaseSeconds = 3

/**
 * Competes for a Lease as client-go's leader election does: who holds it renews it every second; who does not watches
 * for it to stay as it is for its whole duration by a clock of its own, and takes it. Nobody gives it back, for a pod of
 * the lab has lost its network before it is told to end. Tells whether this process leads. In another order than the real
 * one: who loses the Lease is told so, and goes on without it instead of ending.
 */
export function competeForLease(name: string, lost: () => void): () => boolean {
  const identity = `${process.env.HOSTNAME ?? 'operator'}_${process.pid}`
  let heldUntil = 0
  let seen = { version: '', at: performance.now() }
  const compete = async () => {
    const asked = performance.now()
    const lease = await read(name)
    const version = lease?.metadata?.resourceVersion ?? ''
    if (version !== seen.version) seen = { version, at: performance.now() }
    const { holderIdentity: holder = '', leaseDurationSeconds = leaseSeconds } = lease?.spec ?? {}
    const isFree = holder === '' || performance.now() - seen.at > leaseDurationSeconds * 1000
    if (holder !== identity && !isFree) {
      if (heldUntil > 0) lost()
      heldUntil = 0
      return
    }
    await write(name, lease, identity)
    heldUntil = asked + leaseSeconds * 1000
  }
  // Somebody else was faster (409), or the API server does not answer: the next second tells.
  const attempt = () => void compete().catch(() => {})
  attempt()
  setInterval(attempt, 1000).unref()
  return () => performance.now() < heldUntil
}

const leases = () => `/apis/coordination.k8s.io/v1/namespaces/${inClusterNamespace()}/leases`

async function read(name: string): Promise<Lease | undefined> {
  try {
    return await request<Lease>(inClusterClient(), 'GET', `${leases()}/${name}`)
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined
    throw error
  }
}

/** The version that was read goes along: of two that write at once the API server refuses one. */
async function write(name: string, lease: Lease | undefined, identity: string): Promise<void> {
  const now = new Date().toISOString().replace('Z', '000Z')
  const { acquireTime = now, leaseTransitions = 0, holderIdentity } = lease?.spec ?? {}
  const keeps = holderIdentity === identity
  const next: Lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: lease?.metadata ?? { name },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: leaseSeconds,
      acquireTime: keeps ? acquireTime : now,
      renewTime: now,
      leaseTransitions: lease && !keeps ? leaseTransitions + 1 : leaseTransitions,
    },
  }
  await request(inClusterClient(), lease ? 'PUT' : 'POST', lease ? `${leases()}/${name}` : leases(), next)
}

import { refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import { lastsOn } from './lasts-on.ts'

const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
export const tokenPath = `${folder}/token`

/**
 * Whether the Prometheus object keeps the ServiceAccount's token out of its pods, with nothing mounted in its place.
 * Upstream: `automountServiceAccountToken` of the object becomes that of the pods, whatever the ServiceAccount says.
 */
export const isTokenKeptOut = ({ spec }: Prometheus): boolean =>
  spec?.automountServiceAccountToken === false &&
  ![spec, ...(spec.containers ?? [])].some(({ volumeMounts = [] }) =>
    volumeMounts.some(({ mountPath }) => tokenPath.startsWith(mountPath)),
  )

export const tokenKeptOut = (prometheus: Prometheus): Evidence => ({
  ref: refOf(prometheus),
  path: 'spec.automountServiceAccountToken',
  expected: 'true',
  actual: 'false',
})

export const mountToken = (prometheus: Prometheus, verify: Fix['verify']): Fix => ({
  id: 'mount-token',
  title: 'Mount the ServiceAccount’s token in the Prometheus pods',
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: refOf(prometheus),
      type: 'merge',
      patch: { spec: { automountServiceAccountToken: true } },
    },
  ],
  lasts: `${lastsOn(prometheus)} It restarts the Prometheus pods.`,
  verify,
})

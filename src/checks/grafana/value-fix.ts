import { installOf } from '../../helm/install.ts'
import { releaseOf } from '../../helm/owning-release.ts'
import type { Fix } from '../../model/fix.ts'
import type { Grafana } from '../../model/grafana.ts'
import type { Prometheus, Workload } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { ownerOf } from '../dashboard/owner.ts'

export interface ValueChange {
  readonly grafana: Grafana
  /** To tell a Grafana that came with kube-prometheus-stack from one installed on its own. */
  readonly prometheuses: Read<Listing<Prometheus>>
  /** Values as the Grafana chart knows them: `sidecar.dashboards.enabled`. */
  readonly set: Readonly<Record<string, unknown>>
  readonly id: string
  readonly title: string
  readonly verify: readonly string[]
  /** Without a chart: what to do instead. */
  readonly byHand: { readonly text: string; readonly commands?: readonly string[] }
}

/**
 * Changes values of Grafana's chart where they are kept: the Helm release, the Git repository behind Argo CD or
 * Flux; without any of them, the workload by hand.
 */
export const grafanaValueFix = ({ grafana, prometheuses, set, id, title, verify, byHand }: ValueChange): Fix => {
  const { workload } = grafana
  const install = installOf(workload)
  const values = prefixed(set, isOfStack(workload, prometheuses) ? 'grafana.' : '')
  if (install.by === 'helm')
    return {
      id,
      title,
      risk: 'disruptive',
      at: 'source',
      steps: [{ do: 'helm-upgrade', release: install.release, set: values }],
      lasts: 'Yes: it becomes a value of the release. Grafana’s pod is replaced.',
      verify,
    }
  const owner = ownerOf(install)
  return {
    id,
    title,
    risk: 'manual',
    at: 'source',
    steps: [
      owner === undefined
        ? { do: 'tell', ...byHand }
        : { do: 'tell', text: `In the values of the chart that ${owner} deploys: ${listOf(values)}` },
    ],
    lasts:
      owner === undefined ? 'Until the workload is deployed again without it.' : 'Yes: it is part of what is deployed.',
    verify,
  }
}

/** kube-prometheus-stack passes the values under `grafana` on. Its release also owns a Prometheus. */
const isOfStack = (workload: Workload, prometheuses: Read<Listing<Prometheus>>): boolean => {
  const own = sourceOf(workload)
  return (
    own !== undefined && prometheuses.ok && prometheuses.value.items.some(prometheus => sourceOf(prometheus) === own)
  )
}

const sourceOf = (object: Workload | Prometheus): string | undefined => {
  const release = releaseOf(object)
  return release ? `Helm release ${release.namespace}/${release.name}` : ownerOf(installOf(object))
}

const prefixed = (set: Readonly<Record<string, unknown>>, prefix: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(set).map(([path, value]) => [`${prefix}${path}`, value]))

const listOf = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([path, value]) => `${path}: ${JSON.stringify(value)}`)
    .join(', ')

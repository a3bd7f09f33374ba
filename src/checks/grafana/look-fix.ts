import type { Fix } from '../../model/fix.ts'
import type { Grafana } from '../../model/grafana.ts'

/** What Grafana and its sidecar log of a file: nothing else says why one was refused. */
export const lookFix = ({ workload, container, sidecar }: Grafana, verify: string): Fix => {
  const { namespace, name } = workload.metadata
  const target = `${workload.kind.toLowerCase()}/${name}`
  return {
    id: 'see-grafana-log',
    title: 'See what Grafana and its sidecar say of the file',
    risk: 'manual',
    at: 'live',
    steps: [
      {
        do: 'tell',
        text: 'Grafana logs each file that it refuses, with the reason; the sidecar logs each file that it writes.',
        commands: [
          `kubectl -n ${namespace} logs ${target} -c ${container?.name ?? 'grafana'} --tail=500 | grep -i provisioning.dashboard`,
          ...(sidecar ? [`kubectl -n ${namespace} logs ${target} -c ${sidecar.container} --tail=100`] : []),
        ],
      },
    ],
    lasts: 'Depends on the cause.',
    verify: [verify],
  }
}

import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import { isReady, isStarting, podProblem } from '../../kubernetes/pods.ts'
import { selectsPod } from '../../kubernetes/workloads.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Grafana } from '../../model/grafana.ts'
import type { Pod } from '../../model/kubernetes.ts'
import { missingIn, none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const grafanaReady = defineCheck({
  id: 'stack-grafana-ready',
  title: 'Grafana is running',
  area: 'stack',
  needs: ['grafanas', 'grafanaPods'],
  wants: ['server'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'stack/grafana-not-ready': {
      title: 'No pod of Grafana is ready',
      severity: 'error',
      causedBy: ['grafana/sidecar-crashing', 'grafana/sidecar-forbidden', 'grafana/sidecar-misconfigured'],
    },
  },
  run({ grafanas, grafanaPods, server }) {
    if (grafanas.items.length === 0) return none('there is no Grafana', grafanas)
    const unready = grafanas.items.filter(grafana => !podsOf(grafana, grafanaPods.items).some(isReady))
    const unseen = unready.filter(({ workload }) => missingIn(grafanaPods, workload.metadata.namespace).length > 0)
    return {
      findings: unready
        .filter(grafana => !unseen.includes(grafana))
        .map(grafana => notReady(grafana, podsOf(grafana, grafanaPods.items), server.ok ? server.value.now : undefined))
        // Where another Grafana is ready, this one may be a spare, or another team's.
        .map(finding =>
          unready.length < grafanas.items.length && finding.severity === undefined
            ? { ...finding, severity: 'warning' as const }
            : finding,
        ),
      unknown: unseen.map(({ workload }) => ({
        missing: missingIn(grafanaPods, workload.metadata.namespace),
        reason: `whether a pod of ${formatRef(refOf(workload))} is ready`,
      })),
      notes: grafanas.items.map(({ workload }) => formatRef(refOf(workload))),
    }
  },
})

const podsOf = ({ workload }: Grafana, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(pod => selectsPod(workload, pod))

const notReady = (
  { workload }: Grafana,
  pods: readonly Pod[],
  now: string | undefined,
): Finding<'stack/grafana-not-ready'> => {
  const starting = isStarting(pods, now)
  const subject = refOf(workload)
  const scaledDown = workload.spec?.replicas === 0
  const [problem, ...more] = pods.flatMap((pod): Evidence[] => {
    const found = podProblem(pod)
    return found
      ? [{ ref: refOf(pod), path: 'status', expected: 'ready', actual: `${found.reason}: ${found.message}` }]
      : []
  })
  const count: Evidence = {
    ref: subject,
    path: 'status.readyReplicas',
    expected: 'at least 1',
    actual: `${workload.status?.readyReplicas ?? 0} of ${workload.spec?.replicas ?? 1} wanted`,
  }
  return {
    code: 'stack/grafana-not-ready',
    subject,
    about: pods.map(refOf),
    message: `${formatRef(subject)} has no ready pod: no dashboard can be shown`,
    evidence: problem ? [problem, ...more] : [count],
    because: scaledDown ? 'it is scaled to zero' : starting ? 'its pod is seconds old' : 'its pods do not become ready',
    ...(starting ? { severity: 'pending' as const } : {}),
    fixes: [
      {
        id: 'start-grafana',
        title: scaledDown ? 'Scale Grafana up again' : 'See why its pods do not run',
        risk: scaledDown ? 'disruptive' : 'manual',
        at: 'live',
        steps: scaledDown
          ? [{ do: 'patch', target: subject, type: 'merge', patch: { spec: { replicas: 1 } } }]
          : [
              {
                do: 'tell',
                text: 'The pods and their events say why.',
                commands: [`kubectl -n ${subject.namespace} describe ${subject.kind.toLowerCase()} ${subject.name}`],
              },
            ],
        lasts: scaledDown ? 'Until the next deployment that sets the replicas.' : 'Depends on the cause.',
        verify: ['stack-grafana-ready'],
      },
    ],
  }
}

import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Grafana, SidecarLog } from '../../model/grafana.ts'
import type { Pod, Prometheus } from '../../model/kubernetes.ts'
import { itemsIn, type Listing, type Read } from '../../model/read.ts'
import { missingIn, none } from '../completeness.ts'
import { servingGrafanas } from '../dashboard/nearest-delivery.ts'
import { defineCheck } from '../define-check.ts'
import { setEnv } from './set-env.ts'
import { isBetweenCrashes, isWorking, type SidecarInPod, sidecarPods } from './sidecar-pods.ts'
import { grafanaValueFix } from './value-fix.ts'

export const sidecarRunning = defineCheck({
  id: 'grafana-sidecar-running',
  title: 'The dashboard sidecar is running',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles', 'grafanaPods'],
  wants: ['loadedDashboards', 'sidecarLogs', 'server', 'prometheuses'],
  live: true,
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'grafana/sidecar-crashing': {
      title: 'The dashboard sidecar does not run',
      severity: 'error',
      causedBy: ['grafana/sidecar-misconfigured', 'grafana/sidecar-forbidden'],
    },
  },
  run({ grafanaPods, sidecarLogs, server, prometheuses, ...facts }) {
    const now = server.ok ? server.value.now : undefined
    const ends = (pod: SidecarInPod) => hasFailed(pod) || isBetweenCrashes(pod, now)
    const { chains, grafanas } = facts
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.every(({ sidecar }) => sidecar === undefined))
      return none('no Grafana has a dashboard sidecar', grafanas)
    const judged = servingGrafanas(facts).map(grafana => ({
      grafana,
      pods: sidecarPods(grafana, grafanaPods.items),
    }))
    const working = judged.filter(({ pods }) => pods.some(pod => isWorking(pod) && !ends(pod)))
    const notes = working.map(({ grafana }) => `${formatRef(refOf(grafana.workload))}: ${grafana.sidecar?.container}`)
    if (working.length > 0) return { findings: [], notes }
    return {
      findings: judged.flatMap(({ grafana, pods }) => {
        const failed = pods.filter(ends)
        return failed[0] ? [crashing(grafana, failed[0], itemsIn(sidecarLogs), prometheuses)] : []
      }),
      unknown: judged
        .filter(({ pods }) => !pods.some(ends))
        .map(({ grafana }) => ({
          missing: missingIn(grafanaPods, grafana.workload.metadata.namespace),
          reason: `whether the dashboard sidecar of ${formatRef(refOf(grafana.workload))} runs: no pod shows its state`,
        })),
    }
  },
})

/** What every container passes through on its way up. */
const startReasons: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

const hasFailed = ({ status: { state, ready } }: SidecarInPod): boolean =>
  (state?.waiting !== undefined && !startReasons.has(state.waiting.reason ?? '')) ||
  (state?.terminated !== undefined && !(state.terminated.exitCode === 0 && ready === true))

const crashing = (
  grafana: Grafana,
  { pod, status }: SidecarInPod,
  logs: readonly SidecarLog[],
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/sidecar-crashing'> => {
  const subject = refOf(grafana.workload)
  const last = status.lastState?.terminated ?? status.state?.terminated
  const log = logs.find(candidate => sameObject(candidate.grafana, subject) && candidate.container === status.name)
  const words = tellingLine(log?.lines ?? [])
  const looksOnce = last?.exitCode === 0 && grafana.sidecar?.settings.METHOD === 'LIST' && !grafana.sidecar.once
  const evidence: Evidence = {
    ref: refOf(pod),
    path: `status.containerStatuses[${status.name}].state`,
    expected: 'running',
    actual: [
      status.state?.running
        ? 'running for the moment'
        : (status.state?.waiting?.reason ?? status.state?.terminated?.reason ?? 'ended'),
      ...(last?.exitCode === undefined ? [] : [`exit code ${last.exitCode}${last.reason ? ` (${last.reason})` : ''}`]),
      ...(status.restartCount ? [`${status.restartCount} restarts`] : []),
    ].join(', '),
  }
  return {
    code: 'grafana/sidecar-crashing',
    subject,
    about: [refOf(pod)],
    message: `The dashboard sidecar ${status.name} of ${formatRef(subject)} does not run: ${evidence.actual}`,
    evidence: [
      evidence,
      ...(hasNoToken(pod)
        ? [
            {
              ref: refOf(pod),
              path: 'spec.automountServiceAccountToken',
              expected: 'true, or not set',
              actual: 'false',
            },
          ]
        : []),
      ...(looksOnce
        ? [
            {
              ref: subject,
              path: `spec.template.spec.containers[${status.name}].env.METHOD`,
              expected: 'not LIST, outside of an init container',
              actual: 'LIST',
            },
          ]
        : []),
      ...(words === undefined
        ? []
        : [{ ref: refOf(pod), path: `log of ${status.name}`, expected: 'no error', actual: words }]),
    ],
    because: hasNoToken(pod)
      ? 'its pod gets no ServiceAccount token (automountServiceAccountToken is false), and without one it ends at once'
      : looksOnce
        ? 'METHOD is LIST: it looks for ConfigMaps once and ends, and is started again after ever longer pauses'
        : becauseOf(status.state?.waiting?.reason, last?.exitCode, words),
    fixes: [
      ...(hasNoToken(pod) ? [giveToken(grafana, prometheuses)] : []),
      ...(looksOnce ? [letWatch(grafana, prometheuses)] : []),
      seeLog(pod, status.name),
    ],
  }
}

const verify = ['grafana-sidecar-running', 'grafana-dashboard-loaded']

/** The chart's own value: what the pod says wins over its ServiceAccount. */
const giveToken = (grafana: Grafana, prometheuses: Read<Listing<Prometheus>>): Fix => {
  const { kind, metadata } = grafana.workload
  const patch = JSON.stringify({ spec: { template: { spec: { automountServiceAccountToken: true } } } })
  return grafanaValueFix({
    grafana,
    prometheuses,
    id: 'give-token',
    title: 'Give Grafana’s pod the token of its ServiceAccount',
    set: { automountServiceAccountToken: true },
    verify,
    byHand: {
      text: 'Take automountServiceAccountToken: false out of the pod’s template.',
      commands: [
        `kubectl -n ${metadata.namespace} patch ${kind.toLowerCase()} ${metadata.name} --type=merge -p '${patch}'`,
      ],
    },
  })
}

const letWatch = (grafana: Grafana, prometheuses: Read<Listing<Prometheus>>): Fix =>
  grafanaValueFix({
    grafana,
    prometheuses,
    id: 'let-watch',
    title: 'Let the sidecar watch for ConfigMaps',
    set: { 'sidecar.dashboards.watchMethod': 'WATCH' },
    verify,
    byHand: {
      text: 'Set METHOD to WATCH in the environment of the sidecar where the workload is kept, or in the cluster:',
      commands: [setEnv(grafana.workload, grafana.sidecar?.container ?? '', { METHOD: 'WATCH' })],
    },
  })

const seeLog = ({ metadata }: Pod, container: string): Fix => ({
  id: 'see-sidecar-log',
  title: 'See why the sidecar ends',
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: 'The log of the run before says why.',
      commands: [
        `kubectl -n ${metadata.namespace} logs ${metadata.name} -c ${container} --previous --tail=50`,
        `kubectl -n ${metadata.namespace} describe pod ${metadata.name}`,
      ],
    },
  ],
  lasts: 'Depends on the cause.',
  verify,
})

/** Without the token's files the sidecar cannot even tell its own namespace. */
const hasNoToken = ({ spec }: Pod): boolean => spec?.automountServiceAccountToken === false

const maxWords = 300

/** The last line that speaks of an error; without one, the last that says anything. */
const tellingLine = (lines: readonly string[]): string | undefined => {
  const said = lines.map(line => line.replace(/\s+/g, ' ').trim()).filter(line => line !== '')
  return (said.findLast(line => /error|exception|forbidden|fatal|denied/i.test(line)) ?? said.at(-1))?.slice(
    0,
    maxWords,
  )
}

/** k8s-sidecar 1.31 and later ends with 1 when its first list is refused; without LABEL or FOLDER it ends with 0. */
const becauseOf = (waiting: string | undefined, exitCode: number | undefined, words: string | undefined): string => {
  if (/ImagePull|InvalidImageName|ErrImage/.test(waiting ?? '')) return 'its image cannot be pulled'
  if (exitCode === 137) return 'it was killed, most often for want of memory: see the sidecar’s resources'
  if (/forbidden|\b403\b/i.test(words ?? '')) return 'the API server refuses what it asks for'
  if (exitCode === 0) return 'it ends without an error as if its work were done, as it does without LABEL or FOLDER'
  return 'it ends with an error and is started again and again'
}

import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import { isReady, isStarting, podProblem } from '../../kubernetes/pods.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Pod, Prometheus } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { itemsIn } from '../../model/read.ts'
import { accountOf } from '../../prometheus/account-of.ts'
import { isPodOf } from '../../prometheus/address.ts'
import { missingIn } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses, noneConcerned } from './concerned-prometheuses.ts'

export const prometheusReady = defineCheck({
  id: 'stack-prometheus-ready',
  title: 'Prometheus is running',
  area: 'stack',
  needs: ['prometheuses', 'prometheusPods'],
  wants: ['chains', 'serviceMonitors', 'namespaces', 'prometheusOperators', 'server', 'absentAccounts'],
  provedBy: 'metrics-families-present',
  codes: {
    'stack/prometheus-not-ready': {
      title: 'No pod of the Prometheus is ready',
      severity: 'error',
      causedBy: [
        'stack/operator-not-running',
        'stack/prometheus-not-managed',
        'stack/invalid-selector',
        'stack/reconcile-failed',
        'stack/service-account-missing',
      ],
    },
    'stack/service-account-missing': {
      title: 'The ServiceAccount that Prometheus runs as is not there',
      severity: 'error',
      causedBy: ['stack/operator-not-running', 'stack/prometheus-not-managed'],
    },
  },
  run({ prometheuses, prometheusPods, prometheusOperators, server, absentAccounts, ...selecting }) {
    const concerned = concernedPrometheuses({ prometheuses, ...selecting })
    if (concerned.length === 0) return noneConcerned(prometheuses)
    const makers = prometheusOperators.ok ? prometheusOperators.value.items.map(({ workload }) => refOf(workload)) : []
    const now = server.ok ? server.value.now : undefined
    const absent = itemsIn(absentAccounts)
    const unready = concerned.filter(prometheus => !podsOf(prometheus, prometheusPods.items).some(isReady))
    const unseen = unready.filter(({ metadata }) => missingIn(prometheusPods, metadata.namespace).length > 0)
    return {
      findings: unready
        .filter(prometheus => !unseen.includes(prometheus))
        .flatMap(prometheus => {
          const account = absent.find(one => sameObject(one, accountOf(prometheus)))
          return [
            notReady(prometheus, podsOf(prometheus, prometheusPods.items), { now, makers }),
            ...(account ? [accountMissing(prometheus, account, makers)] : []),
          ]
        }),
      unknown: unseen.map(prometheus => ({
        missing: missingIn(prometheusPods, prometheus.metadata.namespace),
        reason: `whether a pod of ${formatRef(refOf(prometheus))} is ready`,
      })),
      notes: concerned.map(prometheus => formatRef(refOf(prometheus))),
    }
  },
})

const podsOf = (prometheus: Prometheus, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(pod => isPodOf(prometheus, pod))

interface Around {
  readonly now: string | undefined
  /** Who should have created the pods. */
  readonly makers: readonly ObjectRef[]
}

const notReady = (prometheus: Prometheus, pods: readonly Pod[], { now, makers }: Around) => {
  const starting = isStarting(pods, now)
  const subject = refOf(prometheus)
  const available = prometheus.status?.conditions?.find(({ type }) => type === 'Available')
  const [problem, ...more] = pods.flatMap((pod): Evidence[] => {
    const found = podProblem(pod)
    return found
      ? [{ ref: refOf(pod), path: 'status', expected: 'ready', actual: `${found.reason}: ${found.message}` }]
      : []
  })
  const first: Evidence = problem ?? {
    ref: subject,
    path: 'status.conditions[Available]',
    expected: 'at least one ready pod',
    actual:
      available?.message ||
      available?.reason ||
      (pods.length === 0 ? 'there is no pod' : `${pods.length} pods, none ready`),
  }
  return {
    code: 'stack/prometheus-not-ready' as const,
    subject,
    about: pods.length === 0 ? [...makers, accountOf(prometheus)] : pods.map(refOf),
    message: `${formatRef(subject)} has no ready pod: nothing is scraped`,
    evidence: [first, ...more] as const,
    ...(starting ? { severity: 'pending' as const } : {}),
    because: starting
      ? 'its pod is seconds old'
      : pods.length === 0
        ? 'its pods were never created, or it is scaled to zero'
        : 'its pods do not become ready',
    fixes: [
      {
        id: 'see-prometheus-pods',
        title: 'See why its pods do not run',
        risk: 'manual' as const,
        at: 'live' as const,
        steps: [
          {
            do: 'tell' as const,
            text: 'The pods, their events and the StatefulSet’s events say why.',
            commands: [
              `kubectl -n ${subject.namespace} describe pods -l operator.prometheus.io/name=${subject.name}`,
              `kubectl -n ${subject.namespace} describe statefulset -l operator.prometheus.io/name=${subject.name}`,
            ],
          },
        ],
        lasts: 'Depends on the cause.',
        verify: ['stack-prometheus-ready'],
      },
    ],
  }
}

/** A StatefulSet whose pods should run as somebody who is not there creates none. */
const accountMissing = (
  prometheus: Prometheus,
  subject: ObjectRef,
  makers: readonly ObjectRef[],
): Finding<'stack/service-account-missing'> => {
  const { namespace, name } = subject
  return {
    code: 'stack/service-account-missing',
    subject,
    about: [refOf(prometheus), ...makers],
    message: `${formatRef(subject)}, which ${formatRef(refOf(prometheus))} should run as, is not there`,
    evidence: [
      {
        ref: refOf(prometheus),
        path: 'spec.serviceAccountName',
        expected: `a ServiceAccount of namespace ${namespace}`,
        actual: `${name}, which does not exist`,
      },
    ],
    because: 'no pod can be created as somebody who is not there: the StatefulSet goes on trying',
    fixes: [
      {
        id: 'name-another-account',
        title: 'Name a ServiceAccount that is there, or create this one again with its rights',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: 'kube-prometheus-stack creates it with its roles unless prometheus.serviceAccount.create is false, and names it by prometheus.serviceAccount.name.',
            commands: [
              `kubectl -n ${namespace} get serviceaccounts`,
              `kubectl -n ${namespace} describe statefulsets -l operator.prometheus.io/name=${prometheus.metadata.name}`,
            ],
          },
        ],
        lasts: 'Yes, when it is changed in the values of the release.',
        verify: ['stack-prometheus-ready', 'scrape-target-up'],
      },
    ],
  }
}

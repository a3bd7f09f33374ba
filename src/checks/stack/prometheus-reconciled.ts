import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import { itemsIn, unreadIn } from '../../model/read.ts'
import type { FieldProblem } from '../../prometheus/field-problem.ts'
import { isReconciled, reconcileProblems } from '../../prometheus/reconcile-problems.ts'
import { keysOfPrometheus } from '../../prometheus/referenced-keys.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses, noneConcerned } from './concerned-prometheuses.ts'

type Code = 'stack/reconcile-failed'

const verify = ['stack-prometheus-reconciled', 'scrape-config-loaded']

export const prometheusReconciled = defineCheck({
  id: 'stack-prometheus-reconciled',
  title: 'prometheus-operator reconciles the Prometheus',
  area: 'stack',
  needs: ['prometheuses'],
  wants: ['chains', 'serviceMonitors', 'namespaces', 'prometheusOperators', 'referencedObjects'],
  codes: {
    'stack/reconcile-failed': {
      title: 'prometheus-operator cannot write the configuration of the Prometheus',
      severity: 'error',
      causedBy: ['stack/invalid-selector', 'stack/prometheus-not-managed'],
    },
  },
  run({ prometheuses, chains, serviceMonitors, namespaces, prometheusOperators, referencedObjects }) {
    const concerned = concernedPrometheuses({ prometheuses, chains, serviceMonitors, namespaces })
    if (concerned.length === 0) return noneConcerned(prometheuses)
    const operators = itemsIn(prometheusOperators)
    const objects = itemsIn(referencedObjects)
    const unread = unreadIn(referencedObjects).filter(({ why }) => why !== 'not-live')
    const judged = concerned.map(prometheus => {
      const said = isReconciled(prometheus)
      return { prometheus, said, problems: said === undefined ? reconcileProblems(prometheus, objects, operators) : [] }
    })
    return {
      findings: judged.flatMap(({ prometheus, said, problems: [first, ...rest] }) =>
        said === false ? [failed(prometheus)] : first ? [failing(prometheus, first, rest)] : [],
      ),
      unknown: judged
        .filter(({ prometheus, said, problems }) => said === undefined && problems.length === 0 && refers(prometheus))
        .flatMap(({ prometheus }) => {
          const { namespace } = prometheus.metadata
          const missing = unread.filter(one => one.namespace === undefined || one.namespace === namespace)
          const reason = `whether all is there that ${formatRef(refOf(prometheus))} refers to`
          return missing.length > 0 ? [{ missing, reason }] : []
        }),
      notes: concerned.map(prometheus => formatRef(refOf(prometheus))),
    }
  },
})

const refers = (prometheus: Prometheus): boolean => keysOfPrometheus(prometheus).flat().length > 0

/** By the operator's own words. */
const failed = (prometheus: Prometheus): Finding<Code> => {
  const subject = refOf(prometheus)
  const condition = prometheus.status?.conditions?.find(({ type }) => type === 'Reconciled')
  return {
    code: 'stack/reconcile-failed',
    subject,
    about: [],
    message: `prometheus-operator fails to reconcile ${formatRef(subject)}: the configuration is frozen for everybody`,
    evidence: [
      {
        ref: subject,
        path: 'status.conditions[Reconciled]',
        expected: 'True',
        actual: `${condition?.reason ?? 'False'}: ${condition?.message ?? 'no message'}`,
      },
    ],
    because: 'one thing the object refers to is wrong, and until it is mended no ServiceMonitor of anybody is taken up',
    fixes: [
      {
        id: 'mend-what-the-operator-names',
        title: 'Mend what the operator’s message names',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: 'The message names the missing Secret, the bad field or the failing call.',
            commands: [
              `kubectl -n ${subject.namespace} get ${subject.kind.toLowerCase()} ${subject.name} -o jsonpath='{.status.conditions}'`,
            ],
          },
        ],
        lasts: 'Yes, when it is mended where the object comes from.',
        verify,
      },
    ],
  }
}

/** By the operator's rules, where it has not spoken: in files, or of the object as it is now. */
const failing = (prometheus: Prometheus, first: FieldProblem, rest: readonly FieldProblem[]): Finding<Code> => {
  const ref = refOf(prometheus)
  return {
    code: 'stack/reconcile-failed',
    subject: ref,
    about: [],
    message: `prometheus-operator cannot write the configuration of ${formatRef(ref)}`,
    evidence: [{ ref, ...first }, ...rest.map(problem => ({ ref, ...problem }))],
    because: `${first.path} makes it give up first, and until that is mended no ServiceMonitor of anybody is taken up`,
    fixes: [
      {
        id: 'mend-prometheus-object',
        title: `Correct ${first.path}, where the Prometheus object comes from`,
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: [first, ...rest]
              .map(({ path, expected, actual }) => `${path}: ${expected}, found ${actual}.`)
              .join('\n'),
          },
        ],
        lasts: 'Yes, when it is mended where the object comes from.',
        verify,
      },
    ],
  }
}

import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus } from '../../model/kubernetes.ts'

interface Lacking {
  /** The first version that has it. */
  readonly since: string
  readonly field: string
  readonly verify: Fix['verify']
}

/** Where prometheus-operator does not write a field for the version that a Prometheus is said to be. */
export const raiseVersion = (prometheus: Prometheus, { since, field, verify }: Lacking): Fix => {
  const subject = refOf(prometheus)
  return {
    id: 'raise-version',
    title: 'Let spec.version of the Prometheus be what runs, in a version that has the field',
    risk: 'manual',
    at: 'source',
    steps: [
      {
        do: 'tell',
        text: `prometheus-operator goes by spec.version of ${formatRef(subject)}, never by its image. Where its pods run ${since} or newer, set it to what they run; where not, upgrade, or do without ${field}.`,
        commands: [
          `kubectl -n ${subject.namespace} get ${subject.kind.toLowerCase()} ${subject.name} -o jsonpath='{.spec.version} {.spec.image}'`,
          `kubectl -n ${subject.namespace} get pods -l operator.prometheus.io/name=${subject.name} -o jsonpath='{.items[*].spec.containers[?(@.name=="prometheus")].image}'`,
        ],
      },
    ],
    lasts: 'Yes, when it is changed in the values that render the object.',
    verify,
  }
}

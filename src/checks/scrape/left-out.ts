import { refOf } from '../../kubernetes/object-ref.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import { type DroppedField, droppedFields } from '../../prometheus/dropped-fields.ts'
import { raiseVersion } from '../stack/raise-version.ts'
import type { Failure, Repair } from './failure.ts'
import type { Link } from './links.ts'

/** Where prometheus-operator left out what would have spared this failure, because of the version of the Prometheus. */
export const leftOut = ({ link, monitor, index, target }: Failure): Repair | undefined => {
  const fields =
    monitor && target
      ? droppedFields(monitor, index, link.prometheus).filter(({ sparing }) => sparing?.test(target.lastError))
      : []
  const [first] = fields
  return monitor && first && describe(link, monitor, fields, first)
}

const describe = (
  { prometheus }: Link,
  monitor: ServiceMonitor,
  fields: readonly DroppedField[],
  { path, since }: DroppedField,
): Repair => {
  const subject = refOf(prometheus)
  const version = prometheus.spec?.version
  return {
    subject,
    evidence: [
      { ref: subject, path: 'spec.version', expected: `${since} or newer`, actual: `${version}` },
      ...fields.map(field => ({
        ref: field.in === 'Prometheus' ? subject : refOf(monitor),
        path: field.path,
        expected: `in the scrape job, as from ${field.since} on`,
        actual: 'set, and left out',
      })),
    ],
    because: `prometheus-operator leaves ${nameOf(path)} out for a Prometheus before ${since}, and this one is said to be ${version}`,
    fixes: [raiseVersion(prometheus, { since, field: path, verify: ['scrape-authorized', 'scrape-target-up'] })],
  }
}

const nameOf = (path: string): string => path.replace(/^spec\.(?:\w+\[\d+\]\.)?/, '')

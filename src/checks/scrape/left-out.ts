import { refOf } from '../../kubernetes/object-ref.ts'
import type { Evidence } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { Target } from '../../model/prometheus.ts'
import { type DroppedField, droppedFields } from '../../prometheus/dropped-fields.ts'
import { raiseVersion } from '../stack/raise-version.ts'
import type { Link } from './links.ts'

/** Why a field that would have spared the failure is not in the scrape job, and the object to change. */
export interface LeftOut {
  readonly subject: ObjectRef
  readonly evidence: readonly Evidence[]
  readonly because: string
  readonly fix: Fix
}

/** A target that is down, and the endpoint that made it. */
export interface Failure {
  readonly link: Link
  readonly monitor: ServiceMonitor | undefined
  readonly index: number
  readonly target: Target | undefined
}

/** Where prometheus-operator left out what would have spared this failure, because of the version of the Prometheus. */
export const leftOut = ({ link, monitor, index, target }: Failure): LeftOut | undefined => {
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
): LeftOut => {
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
    fix: raiseVersion(prometheus, { since, field: path, verify: ['scrape-authorized', 'scrape-target-up'] }),
  }
}

const nameOf = (path: string): string => path.replace(/^spec\.(?:\w+\[\d+\]\.)?/, '')

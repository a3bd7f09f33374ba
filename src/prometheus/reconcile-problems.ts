import parse from 'semver/functions/parse.js'
import type { Prometheus, ScrapeClass } from '../model/kubernetes.ts'
import type { PrometheusOperator, ReferencedObject } from '../model/prometheus.ts'
import { isWithin } from './duration.ts'
import type { FieldProblem } from './field-problem.ts'
import { referenceProblems } from './reference-problems.ts'
import { keysOfPrometheus } from './referenced-keys.ts'
import { relabelingProblems } from './relabeling-problem.ts'
import { isUnmanaged } from './selection.ts'
import { tlsProblems } from './validation.ts'

/** The operator's word on the object as it stands: of an older generation, or where it wrote none, it has not spoken. */
export const isReconciled = ({ metadata, status }: Prometheus): boolean | undefined => {
  const condition = status?.conditions?.find(({ type }) => type === 'Reconciled')
  if (condition?.status === 'False') return false
  const isCurrent = condition?.observedGeneration === undefined || condition.observedGeneration === metadata.generation
  return condition?.status === 'True' && isCurrent ? true : undefined
}

/**
 * Why prometheus-operator gives up before it has written the configuration of a Prometheus, in its order, as far as the
 * object and what it refers to decide it: then nobody's ServiceMonitor is taken up. Selectors that cannot be parsed are
 * for `judgeSelection`. A paused object is not looked at.
 * Upstream: pkg/prometheus/server/operator.go, sync and createOrUpdateConfigurationSecret; promcfg.go,
 * NewConfigGenerator.
 */
export const reconcileProblems = (
  prometheus: Prometheus,
  referenced: readonly ReferencedObject[],
  operators: readonly PrometheusOperator[],
): readonly FieldProblem[] => {
  if (prometheus.spec?.paused === true) return []
  const around = { namespace: prometheus.metadata.namespace ?? '', objects: referenced }
  return [
    ...versionProblems(prometheus),
    ...scrapeClassProblems(prometheus),
    // The configuration is somebody else's then.
    ...(isUnmanaged(prometheus, operators)
      ? []
      : [
          ...keysOfPrometheus(prometheus).flatMap(keys => referenceProblems(keys, around)),
          ...timeoutProblems(prometheus),
        ]),
  ]
}

const versionProblems = ({ spec }: Prometheus): readonly FieldProblem[] => {
  const { version = '' } = spec ?? {}
  return version === '' || [2, 3].includes(majorOf(version) ?? 0)
    ? []
    : [{ path: 'spec.version', expected: 'a version of Prometheus 2 or 3', actual: version }]
}

/** As blang/semver reads it (ParseTolerant): blanks and a v before it, leading zeros and missing parts are forgiven. */
const majorOf = (version: string): number | undefined => {
  const [major = '', minor = '0', ...patch] = version.trim().replace(/^v/, '').split('.')
  const plain = [major, minor, patch.join('.') || '0'].map(part => part.replace(/^0+(?=\d)/, ''))
  return /^\d/.test(major) ? parse(plain.join('.'))?.major : undefined
}

const scrapeClassProblems = (prometheus: Prometheus): readonly FieldProblem[] => {
  const classes = prometheus.spec?.scrapeClasses ?? []
  const first = classes.findIndex(one => one.default === true)
  return classes.flatMap((one, index) => {
    const at = `spec.scrapeClasses[${index}]`
    return [
      ...relabelingProblems(one, at, prometheus),
      ...(one.tlsConfig ? tlsProblems(one.tlsConfig, `${at}.tlsConfig`) : []),
      ...authorizationProblems(one, `${at}.authorization`),
      ...(one.default === true && index > first
        ? [{ path: `${at}.default`, expected: `one default, which is ${classes[first]?.name}`, actual: 'another' }]
        : []),
    ]
  })
}

/** Unlike that of a ServiceMonitor, it may take a file. */
const authorizationProblems = ({ authorization }: ScrapeClass, at: string): readonly FieldProblem[] => {
  const { type = '', credentials, credentialsFile } = authorization ?? {}
  return [
    ...(credentials && credentialsFile
      ? [{ path: at, expected: 'credentials or credentialsFile', actual: 'both' }]
      : []),
    ...(type.trim().toLowerCase() === 'basic' ? [{ path: `${at}.type`, expected: 'another type', actual: type }] : []),
  ]
}

const timeoutProblems = ({ spec }: Prometheus): readonly FieldProblem[] => {
  const { scrapeTimeout, scrapeInterval = '30s' } = spec ?? {}
  return !scrapeTimeout || isWithin(scrapeTimeout, scrapeInterval)
    ? []
    : [{ path: 'spec.scrapeTimeout', expected: `at most ${scrapeInterval}, the scrapeInterval`, actual: scrapeTimeout }]
}

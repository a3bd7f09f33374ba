import { parseLabelQuery } from '../kubernetes/label-query.ts'
import { repositoryOf } from '../kubernetes/repository-of.ts'
import type { Container, Workload } from '../model/kubernetes.ts'
import type { PrometheusOperatorFlags } from '../model/prometheus.ts'

/**
 * What a prometheus-operator was told to look at (upstream: cmd/operator/main.go, parseFlags). A flag stands as
 * `--a=b` or `--a b`, with one dash or two; lists are comma-separated, with blanks kept, and add up when repeated. A value that takes
 * an environment variable which the pod template does not tell is left out: nothing is concluded from it.
 */
export const parseOperatorFlags = ({ metadata, spec }: Workload): PrometheusOperatorFlags => {
  const template = spec?.template
  const container = operatorContainer(template?.spec?.containers ?? [])
  const known = environment(container, { ...template?.metadata, namespace: metadata.namespace })
  const args = [...(container?.command ?? []), ...(container?.args ?? [])]
  const values = (name: string) => valuesOf(args, name).flatMap(value => resolve(value, known) ?? [])
  const list = (name: string) => [
    ...new Set(
      values(name)
        .flatMap(value => value.split(','))
        .filter(value => value !== ''),
    ),
  ]
  const controllerId = values('controller-id').at(-1)
  const selector = parseLabelQuery(values('prometheus-instance-selector').at(-1) ?? '')
  return {
    namespaces: list('namespaces'),
    denyNamespaces: list('deny-namespaces'),
    prometheusInstanceNamespaces: list('prometheus-instance-namespaces'),
    ...('invalid' in selector || !selector.matchExpressions?.length ? {} : { prometheusInstanceSelector: selector }),
    ...(controllerId ? { controllerId } : {}),
    ...(isSwitchedOn(args, 'disable-unmanaged-prometheus-configuration') ? { writesUnmanaged: true } : {}),
  }
}

/** Whether a container runs prometheus-operator, by its image: upstream's repository, or a copy that kept its name at the end. */
export const isPrometheusOperator = ({ image = '' }: Container): boolean =>
  /(^|[/-])prometheus-operator$/.test(repositoryOf(image))

/** Sidecars have flags of their own. */
const operatorContainer = (containers: readonly Container[]): Container | undefined =>
  containers.find(isPrometheusOperator) ??
  containers.find(({ name }) => name.includes('prometheus-operator')) ??
  containers[0]

const valuesOf = (args: readonly string[], name: string): readonly string[] =>
  args.flatMap((arg, index) => {
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(arg)
    if (match?.[1] !== name) return []
    const next = args[index + 1] ?? ''
    return [match[2] ?? (next.startsWith('-') ? '' : next)]
  })

/** A switch takes its value only behind an equals sign; the last one counts. */
const isSwitchedOn = (args: readonly string[], name: string): boolean => {
  const given = args.flatMap(arg => {
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(arg)
    return match?.[1] === name ? [match[2] ?? 'true'] : []
  })
  return /^(?:1|t|T|true|TRUE|True)$/.test(given.at(-1) ?? '')
}

type Environment = ReadonlyMap<string, string | undefined>

/** The variables of a container, as far as the pod template tells their values. */
const environment = (
  container: Container | undefined,
  pod: { readonly namespace: string | undefined; readonly annotations?: Readonly<Record<string, string>> },
): Environment => {
  const ofField = (path: string): string | undefined => {
    const annotation = /^metadata\.annotations\['(.+)'\]$/.exec(path)?.[1]
    return annotation === undefined
      ? path === 'metadata.namespace'
        ? pod.namespace
        : undefined
      : pod.annotations?.[annotation]
  }
  return new Map(
    (container?.env ?? []).map(({ name, value, valueFrom }) => [
      name,
      valueFrom?.fieldRef ? ofField(valueFrom.fieldRef.fieldPath) : valueFrom ? undefined : (value ?? ''),
    ]),
  )
}

/** Kubernetes expands `$(NAME)` in arguments. */
const resolve = (value: string, known: Environment): string | undefined => {
  const names = [...value.matchAll(/\$\(([^)]+)\)/g)].map(match => match[1] ?? '')
  return names.some(name => known.get(name) === undefined)
    ? undefined
    : value.replace(/\$\(([^)]+)\)/g, (_, name: string) => known.get(name) ?? '')
}

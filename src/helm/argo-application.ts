import { parse } from 'yaml'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { allowedIn } from './allowed-values.ts'
import type { ChartValues } from './values.ts'
import { withValue } from './with-value.ts'

type Json = Readonly<Record<string, unknown>>

/** `json` is an Application of Argo CD, and not of another group that has the kind. */
export const isApplication = ({ apiVersion, kind }: Json): boolean =>
  kind === 'Application' && typeof apiVersion === 'string' && apiVersion.startsWith('argoproj.io/')

/**
 * An Application cut down to what may leave the port. Like a release it holds every value that somebody typed, and its
 * status copies of them: only those of `allowedValues` come through, those of the text `values` as `valuesObject`.
 */
export const cutApplication = ({ apiVersion, kind, metadata, spec, status }: Json): Json => ({
  apiVersion,
  kind,
  metadata,
  spec: { sources: sourcesOf(spec).map(cutSource) },
  status: isRecord(status) ? pick(status, ['resources', 'sourceType', 'sourceTypes']) : {},
})

/** Argo CD ignores `source` where there are `sources`. */
const sourcesOf = (spec: unknown): readonly Json[] => {
  const { sources, source } = isRecord(spec) ? spec : {}
  return (Array.isArray(sources) && sources.length > 0 ? sources : [source]).filter(isRecord)
}

const cutSource = (source: Json): Json => ({
  ...pick(source, ['chart', 'path', 'ref', 'targetRevision']),
  ...(isRecord(source.helm) ? { helm: cutHelm(source.helm) } : {}),
})

const cutHelm = (helm: Json): Json => {
  const allowed = Object.entries(allowedIn(helm.valuesObject ?? parsed(helm.values)))
  return {
    ...pick(helm, ['valueFiles']),
    valuesObject: allowed.reduce((values, [path, value]) => withValue(values, path.split('.'), value), {}),
    parameters: parametersOf(helm).filter(
      ({ name, value }) => Object.keys(allowedIn(withValue({}, keysOf(name), value))).length > 0,
    ),
  }
}

/** Broken YAML renders nothing at all: that is Argo CD's to say. */
const parsed = (text: unknown): unknown => {
  try {
    return parse(String(text ?? ''))
  } catch {
    return undefined
  }
}

const pick = (from: Json, keys: readonly string[]): Json =>
  Object.fromEntries(keys.flatMap(key => (from[key] === undefined ? [] : [[key, from[key]]])))

interface Parameter {
  readonly name: string
  readonly value: string
  readonly forceString?: boolean
}

const parametersOf = ({ parameters }: Json): readonly Parameter[] =>
  (Array.isArray(parameters) ? parameters : [])
    .filter(isRecord)
    .flatMap(({ name, value = '', forceString }) =>
      typeof name === 'string' && typeof value === 'string'
        ? [{ name, value, ...(forceString === true ? { forceString } : {}) }]
        : [],
    )

/** The keys of a path of `--set`, where a backslash keeps a dot from parting them. */
const keysOf = (name: string): readonly string[] =>
  (name.match(/(?:\\.|[^.\\])+/g) ?? []).map(key => key.replaceAll(/\\(.)/g, '$1'))

/**
 * The values that an Application itself states for the chart that it renders: its parameters go before `valuesObject`,
 * and both before the files and the chart's own values, which are in Git or a registry and not read. Undefined where it
 * renders several, none of them Dynamo's by its name.
 */
export const statedValues = (application: KubernetesObject): ChartValues | undefined => {
  const rendering = sourcesOf((application as { readonly spec?: unknown }).spec).filter(
    ({ chart, path }) => chart !== undefined || path !== undefined,
  )
  const named = rendering.filter(({ chart }) => charts.includes(String(chart)))
  const [source, other] = named.length > 0 ? named : rendering
  if (!source || other) return undefined
  const helm = isRecord(source.helm) ? source.helm : {}
  const values = parametersOf(helm).reduce(
    (stated, parameter) => withValue(stated, keysOf(parameter.name), typedValue(parameter)),
    isRecord(helm.valuesObject) ? helm.valuesObject : {},
  )
  return { chart: { name: String(source.chart ?? '') }, values: allowedIn(values), defaults: {} }
}

const charts = ['dynamo-platform', 'dynamo-operator']

/** As `--set` takes a word, or `--set-string` where it is forced. */
const typedValue = ({ value, forceString }: Parameter): unknown => {
  if (forceString) return value
  if (value in words) return words[value as keyof typeof words]
  return /^(0|-?[1-9]\d*)$/.test(value) ? Number(value) : value
}

const words = { true: true, false: false, null: null } as const

/** Whether Argo CD renders it with Helm, so that what is not among its resources was not rendered. */
export const isRenderedByHelm = (application: KubernetesObject): boolean => {
  const { status } = application as { readonly status?: unknown }
  const { sourceType, sourceTypes } = isRecord(status) ? status : {}
  return sourceType === 'Helm' || (Array.isArray(sourceTypes) && sourceTypes.includes('Helm'))
}

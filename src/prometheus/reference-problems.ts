import { pemOf } from '../kubernetes/secret-value.ts'
import type { SecretValue } from '../model/kubernetes.ts'
import type { ReferencedObject } from '../model/prometheus.ts'
import type { FieldProblem } from './field-problem.ts'
import type { KeyGroup, ReferencedKey } from './referenced-keys.ts'

/** Where references lead: to objects of one namespace. What was not read is not among them. */
export interface Around {
  readonly namespace: string
  readonly objects: readonly ReferencedObject[]
}

/**
 * What of the Secrets and ConfigMaps that are referred to keeps prometheus-operator from going on, in the order in which
 * it reads them. What was not read is left out, and what is not known of a value is taken to be right.
 * Upstream: pkg/assets/store.go and tls.go.
 */
export const referenceProblems = (keys: KeyGroup, around: Around): readonly FieldProblem[] => [
  ...keys.flatMap(reference => absence(reference, around)),
  ...unfitKeys(keys, around),
]

/**
 * What the operator takes, for it looks at no value that is empty, and leaves out of the files it gives to Prometheus,
 * which then makes no scrape pool of the endpoint: it cannot read the file. Those of oauth2 it reads when it scrapes.
 */
export const emptyFiles = (keys: KeyGroup, around: Around): readonly FieldProblem[] =>
  keys
    .filter(key => key.use && !key.path.includes('.oauth2.') && heldBy(key, around)?.data?.[key.key] === 'empty')
    .map(key => problemOf(key, around, 'what stands there is empty'))

const absence = (reference: ReferencedKey, around: Around): readonly FieldProblem[] => {
  const { kind, name, key, path } = reference
  // It is read all the same, so that one without a name is one that is not there.
  if (name === '') return [{ path, expected: `a ${kind}`, actual: 'no name' }]
  const held = heldBy(reference, around)
  if (!held || (reference.optional === true && !held.data)) return []
  if (!held.data) return [problemOf(reference, around, `there is no such ${kind}`)]
  return Object.hasOwn(held.data, key) || reference.optional === true
    ? []
    : [problemOf(reference, around, `its keys are ${Object.keys(held.data).sort().join(', ') || 'none'}`)]
}

/** A CA is the first block of its PEM; a certificate and its key are the first of their kind, and looked at together. */
const unfitKeys = (keys: KeyGroup, around: Around): readonly FieldProblem[] => {
  const [ca, cert, key] = (['ca', 'cert', 'key'] as const).map(use => {
    const reference = keys.find(one => one.use === use)
    const value = reference && heldBy(reference, around)?.data?.[reference.key]
    return reference && value !== undefined && value !== 'empty' ? { reference, value } : undefined
  })
  const problems: readonly (readonly [Found | undefined, string | undefined])[] = [
    [ca, ca && caProblem(ca.value)],
    [cert, cert && key && certificateProblem(cert.value)],
    [key, cert && key && keyProblem(key.value, pemOf(cert.value, 'certificate')?.key)],
  ]
  return problems.flatMap(([found, actual]) =>
    found && actual !== undefined ? [problemOf(found.reference, around, actual)] : [],
  )
}

interface Found {
  readonly reference: ReferencedKey
  readonly value: SecretValue
}

const noPem = 'what stands there is no PEM'
const noCertificate = 'what stands there is no certificate'

const caProblem = (value: SecretValue): string | undefined => {
  if (value === 'opaque') return noPem
  const first = pemOf(value, 'first')
  return first?.key === 'invalid' || (first?.kind === 'private-key' && value !== unclear) ? noCertificate : undefined
}

const certificateProblem = (value: SecretValue): string | undefined => {
  if (value === 'opaque') return noPem
  const pem = pemOf(value, 'certificate')
  return pem?.key === 'invalid' || (pem === undefined && value !== unclear) ? noCertificate : undefined
}

const keyProblem = (value: SecretValue, ofCertificate: string | undefined): string | undefined => {
  if (value === 'opaque') return noPem
  const pem = pemOf(value, 'private-key')
  if (pem === undefined || pem.key === 'invalid') return 'what stands there is no private key, or an encrypted one'
  if (pem.key === undefined || ofCertificate === undefined || ofCertificate === 'invalid') return undefined
  return pem.key === ofCertificate ? undefined : 'it is the key of another certificate'
}

/** In snapshots of before this says that there is a private key, and nothing of what else there is. */
const unclear: SecretValue = 'private-key'

const heldBy = ({ kind, name }: ReferencedKey, { namespace, objects }: Around): ReferencedObject | undefined =>
  objects.find(({ ref }) => ref.kind === kind && ref.name === name && ref.namespace === namespace)

const problemOf = ({ path, kind, name, key }: ReferencedKey, { namespace }: Around, actual: string) => ({
  path,
  expected: `the key ${key} of ${kind} ${namespace}/${name}`,
  actual,
})

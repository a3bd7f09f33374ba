import { formatRef } from '../kubernetes/object-ref.ts'
import { inWords } from '../kubernetes/rbac.ts'
import type { Evidence } from '../model/finding.ts'
import type { Fix, FixStep } from '../model/fix.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { Access, AccessAnswer, NearMiss } from '../model/rbac.ts'
import { lastsOn } from './scrape/lasts-on.ts'

/** An answer that says no. */
export type Denied = AccessAnswer & { readonly needed: Access }

/** What was refused, and what about the Roles and bindings that come nearest to granting it is in the way. */
export const denialEvidence = (account: ObjectRef, denied: readonly Denied[]): readonly Evidence[] => [
  ...denied.map(({ needed, reason }) => ({
    ref: account,
    path: inWords(needed),
    expected: 'allowed',
    actual: reason ? `refused (${reason})` : 'refused',
  })),
  ...obstacles(denied).map(([{ evidence }, ...more]) => ({
    ...evidence,
    expected: distinct([evidence, ...more.map(other => other.evidence)].map(({ expected }) => expected)).join(', '),
  })),
]

/** A role of our own and its binding beside whatever there is: they grant exactly what is refused, to nobody else. */
export const grantSteps = (account: ObjectRef, purpose: string, denied: readonly Denied[]): readonly FixStep[] =>
  [...Map.groupBy(denied, ({ needed }) => needed.namespace)].flatMap(([namespace, answers]) => {
    const kind = namespace === undefined ? 'ClusterRole' : 'Role'
    const metadata = {
      name: `dynamo-metrics-${purpose}-${account.namespace}-${account.name}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' },
    }
    const rules = rulesFor(answers.map(({ needed }) => needed))
    const subjects = [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name }
    return [
      { do: 'apply', manifest: { apiVersion, kind, metadata, rules } },
      { do: 'apply', manifest: { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects } },
    ]
  })

/** The role or binding that should have granted it: told, for it is somebody else's. Nothing where none is known. */
export const correctionFixes = (denied: readonly Denied[], verify: readonly string[]): readonly Fix[] => {
  const misses = obstacles(denied)
  const [first] = misses.flat()
  if (!first) return []
  return [
    {
      id: 'correct-role',
      title: `Correct ${distinct(misses.map(([{ evidence }]) => formatRef(evidence.ref))).join(', ')} where it is kept`,
      risk: 'manual',
      at: 'source',
      steps: misses.flat().map(({ evidence: { ref, path, expected, actual } }) => ({
        do: 'tell',
        text: `${formatRef(ref)}, ${path}: it takes ${expected} (now: ${actual}).`,
      })),
      lasts: lastsOn(first.object),
      verify,
    },
  ]
}

const apiVersion = 'rbac.authorization.k8s.io/v1'

/** Several refusals often have one obstacle. */
const obstacles = (denied: readonly Denied[]): readonly (readonly [NearMiss, ...NearMiss[]])[] => {
  const misses = denied.flatMap(({ nearest }) => (nearest ? [nearest] : []))
  const places = Map.groupBy(misses, ({ evidence: { ref, path, actual } }) => `${formatRef(ref)} ${path} ${actual}`)
  return [...places.values()].flatMap(([first, ...rest]) => (first ? [[first, ...rest] as const] : []))
}

/**
 * Whoever lists also watches and reads one by one: asking for less would only bring the next refusal. What is read by
 * its name is all that is read.
 */
const rulesFor = (needed: readonly Access[]): readonly object[] => [
  ...[...Map.groupBy(needed, ({ group }) => group ?? '')].flatMap(([group, accesses]) => {
    const whole = accesses.filter(({ name }) => name === undefined)
    const named = accesses.filter(({ name }) => name !== undefined)
    const resourceNames = distinct(named.flatMap(({ name }) => name ?? []))
    return [
      ...ruleFor(group, whole, { verbs: ['get', 'list', 'watch'] }),
      ...ruleFor(group, named, { resourceNames, verbs: ['get'] }),
    ]
  }),
  ...distinct(needed.flatMap(({ path }) => path ?? [])).map(path => ({ nonResourceURLs: [path], verbs: ['get'] })),
]

const ruleFor = (group: string, accesses: readonly Access[], how: object): readonly object[] => {
  const resources = distinct(accesses.flatMap(({ resource }) => resource ?? []))
  return resources.length > 0 ? [{ apiGroups: [group], resources, ...how }] : []
}

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

import type { AccessQuery } from '../cluster/cluster.ts'
import { formatRef } from '../kubernetes/object-ref.ts'
import { judgeAccess, namesAccount, roleOf, type ServiceAccount } from '../kubernetes/rbac.ts'
import type { Access, AccessAnswer, AccessRules } from '../model/rbac.ts'
import type { Read, Unavailable } from '../model/read.ts'
import type { ReadContext } from './fact-reader.ts'

/**
 * What a ServiceAccount may do of what it needs. The API server's own review decides: it knows authorizers that no
 * Role shows. Roles and bindings are read only where they have something to add: they say why it was denied, and they
 * decide where nobody may ask for a review. One need that stays open leaves the rest without meaning.
 */
export const accessAnswers = async <Needed extends Access>(
  { cluster, fact }: ReadContext,
  account: ServiceAccount,
  needs: readonly Needed[],
): Promise<Read<readonly (AccessAnswer & { readonly needed: Needed })[]>> => {
  const reviews = await Promise.all(
    needs.map(async needed => ({
      needed,
      review: await cluster.access({ serviceAccount: account, attributes: attributesOf(needed) }),
    })),
  )
  const settled = reviews.every(({ review }) => (review.ok ? review.value.allowed : !leavesToRules(review.unavailable)))
  const rules = settled ? undefined : await fact('accessRules')
  const answers = reviews.map(({ needed, review }) => ({
    needed,
    answer: answerOf(review, rules?.ok ? rules.value : undefined, account, needed),
  }))
  const open = answers.map(({ answer }) => answer).find(answer => !answer.ok)
  if (open && !open.ok) return open
  return { ok: true, value: answers.flatMap(({ needed, answer }) => (answer.ok ? [{ needed, ...answer.value }] : [])) }
}

const attributesOf = (needed: Access): AccessQuery['attributes'] =>
  needed.path === undefined
    ? {
        verb: needed.verb,
        resource: needed.resource,
        group: needed.group ?? '',
        ...(needed.namespace === undefined ? {} : { namespace: needed.namespace }),
        ...(needed.name === undefined ? {} : { name: needed.name }),
      }
    : { verb: needed.verb, path: needed.path }

/** The API server, or files, will not say; a server that does not answer may yet. */
const leavesToRules = ({ why }: Unavailable): boolean => why === 'forbidden' || why === 'not-live'

const answerOf = (
  review: Read<AccessAnswer>,
  rules: AccessRules | undefined,
  account: ServiceAccount,
  needed: Access,
): Read<AccessAnswer> => {
  if (review.ok && review.value.allowed) return review
  if (rules === undefined || !(review.ok || leavesToRules(review.unavailable))) return review
  const verdict = judgeAccess(rules, account, needed)
  if (review.ok) {
    const { nearest } = verdict.allowed ? {} : verdict
    return { ok: true, value: { ...review.value, ...(nearest ? { nearest } : {}) } }
  }
  if (verdict.allowed)
    return {
      ok: true,
      value: { allowed: true, reason: `${formatRef(verdict.binding)} grants ${formatRef(verdict.role)}` },
    }
  const { nearest } = verdict
  return sayNo(rules, account, needed)
    ? { ok: true, value: { allowed: false, reason: 'no binding grants it', ...(nearest ? { nearest } : {}) } }
    : review
}

/** Whether enough was read to take for refused what nothing grants. */
const sayNo = ({ from, ...rules }: AccessRules, account: ServiceAccount, needed: Access): boolean =>
  from === 'files' ? filesSayNo(rules, account) : clusterSaysNo(rules, needed)

const clusterSaysNo = ({ unread, within }: Omit<AccessRules, 'from'>, { namespace }: Access): boolean => {
  const namespaced = unread.filter(({ resource }) => !resource.startsWith('cluster'))
  return (
    namespaced.length === unread.length &&
    (namespace === undefined || namespaced.length === 0 || (within ?? []).includes(namespace))
  )
}

/**
 * Files rarely hold all of a cluster. They speak for an account where they bind it, with the roles they bind it to;
 * without any ClusterRole they are no monitoring stack.
 */
const filesSayNo = ({ roles, bindings }: Omit<AccessRules, 'from'>, account: ServiceAccount): boolean => {
  const own = bindings.filter(binding => namesAccount(binding, account))
  return (
    own.length > 0 && own.every(binding => roleOf(binding, roles)) && roles.some(({ kind }) => kind === 'ClusterRole')
  )
}

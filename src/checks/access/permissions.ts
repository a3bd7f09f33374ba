import type { Evidence } from '../../model/finding.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { Unavailable } from '../../model/read.ts'
import { defineCheck } from '../define-check.ts'

const permissionsRef: ObjectRef = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  name: 'dynamo-metrics',
}

export const permissions = defineCheck({
  id: 'access-permissions',
  title: 'Everything needed may be read',
  area: 'access',
  needs: ['refusals'],
  wants: [],
  codes: {
    'access/forbidden': { title: 'Reads are refused, and checks stay unknown because of it', severity: 'info' },
  },
  run({ refusals }) {
    const [first, ...rest] = refusals.map(evidenceOf)
    if (!first) return { findings: [], notes: ['no read was refused'] }
    const open = new Set(refusals.flatMap(({ checks }) => checks))
    return {
      findings: [
        {
          code: 'access/forbidden',
          subject: permissionsRef,
          about: [],
          message: `${count(refusals.length, 'read is', 'reads are')} refused to these credentials; ${
            open.size === 0
              ? 'no check depends on them'
              : `${count(open.size, 'check stays', 'checks stay')} unknown because of it`
          }`,
          evidence: [first, ...rest],
          because: 'the user or ServiceAccount of this context has not been granted these rights',
          fixes: [
            {
              id: 'grant-reading',
              title: 'Ask for these rights, read-only',
              risk: 'manual',
              at: 'source',
              steps: [
                {
                  do: 'tell',
                  text: 'Rules for a ClusterRole (or a Role, for those that name a namespace) bound to the user of this context. All that the doctor may need: dynamo-metrics generate rbac',
                  commands: refusals.map(({ unavailable }) => ruleOf(unavailable)),
                },
              ],
              lasts: 'For as long as the binding stands.',
              verify: ['access-permissions'],
            },
          ],
        },
      ],
    }
  },
})

const evidenceOf = ({
  unavailable,
  checks,
}: {
  readonly unavailable: Unavailable
  readonly checks: readonly string[]
}): Evidence => ({
  ref: permissionsRef,
  path: whatOf(unavailable),
  expected: 'allowed',
  actual: checks.length === 0 ? 'refused' : `refused; unknown: ${checks.join(', ')}`,
})

const whatOf = ({ verb, resource, namespace, name }: Unavailable): string =>
  [verb, name ? `${resource}/${name}` : resource, namespace ? `in ${namespace}` : 'in all namespaces'].join(' ')

/**
 * The rule as `kubectl create role` takes it, which also reads well in a request to an administrator. Each has a name
 * of its own: the second of two commands with one name would fail.
 */
const ruleOf = ({ verb, resource, namespace }: Unavailable): string => {
  const name = `dynamo-metrics-${verb}-${resource.replaceAll(/[./]+/g, '-')}`
  if (resource.startsWith('/'))
    return `kubectl create clusterrole ${name} --verb=${verb} --non-resource-url=${resource}`
  return namespace === undefined
    ? `kubectl create clusterrole ${name} --verb=${verb} --resource=${resource}`
    : `kubectl create role ${name} -n ${namespace} --verb=${verb} --resource=${resource}`
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

import { accountOf } from '../prometheus/account-of.ts'
import { isPodOf } from '../prometheus/address.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'

/**
 * ServiceAccounts that are not there, as which Prometheuses without any pod should run: with them nobody can create one.
 * One that may not be read is none of them.
 */
export const absentAccounts: FactReader<'absentAccounts'> = async context => {
  const [prometheuses, pods] = await Promise.all([context.fact('prometheuses'), context.fact('prometheusPods')])
  if (!prometheuses.ok) return prometheuses
  if (!pods.ok) return pods
  const idle = prometheuses.value.items.filter(prometheus => !pods.value.items.some(pod => isPodOf(prometheus, pod)))
  const accounts = idle.map(accountOf)
  const read = await Promise.all(
    accounts.map(({ namespace = '', name }) => context.cluster.get({ ...kinds.serviceAccount, namespace, name })),
  )
  return {
    ok: true,
    value: {
      items: accounts.filter((_, index) => {
        const answer = read[index]
        return answer?.ok && answer.value === undefined
      }),
      unread: read.flatMap(answer => (answer.ok ? [] : [answer.unavailable])),
    },
  }
}

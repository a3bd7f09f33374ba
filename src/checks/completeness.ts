import type { Chain } from '../model/chain.ts'
import type { Listing, Unavailable } from '../model/read.ts'

/** Whether what is not among the items of this namespace may be called missing. */
export const isCompleteIn = ({ unread, within }: Listing<unknown>, namespace: string | undefined): boolean =>
  missingIn({ items: [], unread, ...(within ? { within } : {}) }, namespace).length === 0

/** The reads that leave open what there is in this namespace. */
export const missingIn = (
  { unread, within }: Listing<unknown>,
  namespace: string | undefined,
): readonly Unavailable[] =>
  unread.filter(unavailable =>
    unavailable.namespace === undefined
      ? namespace === undefined || !within?.includes(namespace)
      : unavailable.namespace === namespace,
  )

/** The reads that leave open what there is of a chain that nobody answered for. One answer is enough. */
export const unreadOf = (
  chains: readonly Pick<Chain, 'id'>[],
  { items, unread }: Listing<{ readonly chain: string }>,
): readonly Unavailable[] => (chains.every(({ id }) => items.some(({ chain }) => chain === id)) ? [] : unread)

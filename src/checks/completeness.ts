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

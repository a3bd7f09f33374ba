import type { AccessAnswer, AccessQuery, Cluster } from '../cluster/cluster.ts'
import type { Read } from '../model/read.ts'

/** Puts every need of a ServiceAccount to the API server. One review that is refused leaves the rest without meaning. */
export const accessAnswers = async <Needed>(
  cluster: Cluster,
  serviceAccount: AccessQuery['serviceAccount'],
  needs: readonly Needed[],
  attributesOf: (needed: Needed) => AccessQuery['attributes'],
): Promise<Read<readonly ({ readonly needed: Needed } & AccessAnswer)[]>> => {
  const reads = await Promise.all(
    needs.map(async needed => ({
      needed,
      read: await cluster.access({ serviceAccount, attributes: attributesOf(needed) }),
    })),
  )
  const refused = reads.map(({ read }) => read).find(read => !read.ok)
  if (refused && !refused.ok) return refused
  return { ok: true, value: reads.flatMap(({ needed, read }) => (read.ok ? [{ needed, ...read.value }] : [])) }
}

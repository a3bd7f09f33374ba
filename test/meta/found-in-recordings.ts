import { openSnapshot } from '../../src/cluster/snapshot.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import { run } from '../../src/run.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'

/** The findings of every recorded cluster, causes and consequences, by its name. */
export const foundInRecordings = async (): Promise<ReadonlyMap<string, readonly Judged[]>> => {
  const found = new Map<string, readonly Judged[]>()
  for (const name of recorded()) {
    const { cluster, header } = await openSnapshot(scenarioAt(name).snapshot)
    const { diagnosis } = await run(cluster, { narrowing: header.narrowing, only: [], skip: [] })
    found.set(
      name,
      diagnosis.causes.flatMap(({ root, explains }) => [root, ...explains]),
    )
  }
  return found
}

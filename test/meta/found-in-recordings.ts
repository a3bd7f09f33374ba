import { openSnapshot } from '../../src/cluster/snapshot.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import { run } from '../../src/run.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'

/** Every finding of every recorded cluster, causes and consequences. */
export const foundInRecordings = async (): Promise<readonly Judged[]> => {
  const found: Judged[] = []
  for (const name of recorded()) {
    const { cluster, header } = await openSnapshot(scenarioAt(name).snapshot)
    const { diagnosis } = await run(cluster, { narrowing: header.narrowing, only: [], skip: [] })
    found.push(...diagnosis.causes.flatMap(({ root, explains }) => [root, ...explains]))
  }
  return found
}

import { apiServer } from '../test/lab/layout.ts'
import { delayingProxy } from './delaying-proxy.ts'
import { outputOf } from './measure.ts'
import { doctor, kubeconfigFor } from './programs.ts'
import type { Figure } from './table.ts'
import { addUnrelated, removeUnrelated } from './unrelated-objects.ts'

const [few, many] = [10, 5000]
/** Names and resource versions grow longer, and connections may be one more or less. */
const budget = 1.1

/** What the doctor asks and reads in a cluster with 10 unrelated objects of each kind, and in one with 5,000. */
export const measureGrowth = async (folder: string): Promise<readonly Figure[]> => {
  await removeUnrelated() // what a run that was interrupted left
  try {
    await addUnrelated(0, few)
    const small = await costNow(folder)
    await addUnrelated(few, many)
    const large = await costNow(folder)
    return (['requests', 'bytes'] as const).map(unit => ({
      what: `${unit}, 5,000 / 10 unrelated objects of each kind`,
      measured: `${large[unit]} / ${small[unit]}`,
      value: large[unit] / small[unit],
      budget,
    }))
  } finally {
    await removeUnrelated()
  }
}

const costNow = async (folder: string): Promise<{ readonly requests: number; readonly bytes: number }> => {
  const proxy = await delayingProxy(apiServer, 0)
  try {
    const report = await outputOf(doctor(kubeconfigFor(proxy.port, folder), '--output', 'json'))
    return { requests: JSON.parse(report).requests, bytes: proxy.received() }
  } finally {
    proxy.close()
  }
}

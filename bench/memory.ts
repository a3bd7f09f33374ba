import { kubeconfigs } from '../test/lab/api.ts'
import { outputOf } from './measure.ts'
import { doctor } from './programs.ts'
import type { Figure } from './table.ts'

const runs = 5

/** Peak memory of the doctor: what the system says of the process when it ends, the highest of several runs. */
export const measureMemory = async (): Promise<readonly Figure[]> => {
  const peaks: number[] = []
  for (let run = 0; run < runs; run++) peaks.push(await peakOf())
  const lowest = Math.min(...peaks).toFixed(0)
  const highest = Math.max(...peaks)
  return [{ what: 'peak memory, MB', measured: `${lowest} to ${highest.toFixed(0)}`, value: highest, budget: 150 }]
}

/** Told behind the report, by a module that is loaded before the command. */
const reporter = `data:text/javascript,
  import { writeSync } from 'node:fs';
  process.on('exit', () => writeSync(1, '\\npeak ' + process.resourceUsage().maxRSS))`.replaceAll('\n', '')

const peakOf = async (): Promise<number> => {
  const { file, args } = doctor(kubeconfigs.admin)
  const output = await outputOf({ file, args: ['--import', reporter, ...args] })
  const kibibytes = Number(/peak (\d+)$/.exec(output)?.[1])
  return (kibibytes * 1024) / 1e6
}

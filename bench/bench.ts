/**
 * `npm run bench`: the project's budgets, measured on the running lab as ratios within one run. Ends with 1 where one
 * is missed, with 2 where nothing could be measured. `--rounds N` takes medians of N instead of 11; `--quick` leaves
 * out the 5,000 unrelated objects.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { complaints } from '../test/lab/api.ts'
import { measureGrowth } from './growth.ts'
import { measureMemory } from './memory.ts'
import { measureProof } from './proof.ts'
import { measureRequests } from './requests.ts'
import { type Figure, isMissed, table } from './table.ts'
import { measureQuery, measureStartUp, measureTimes } from './times.ts'

const options = { rounds: { type: 'string', default: '11' }, quick: { type: 'boolean', default: false } } as const

const load = () => loadavg()[0]?.toFixed(1)
const say = (line: string) => process.stderr.write(`${line}\n`)

const measureAll = async (folder: string, rounds: number, quick: boolean): Promise<readonly Figure[]> => {
  const figures: Figure[] = []
  const measure = async (what: string, part: () => Promise<readonly Figure[]>) => {
    say(`measuring ${what} ...`)
    figures.push(...(await part()))
  }
  await measure('doctor against the checklist by hand and against the floor', () => measureTimes(folder, rounds))
  await measure('query against kubectl', () => measureQuery(folder, rounds))
  await measure('start-up', () => measureStartUp(rounds))
  await measure('requests and rounds', () => measureRequests(folder))
  await measure('memory', measureMemory)
  await measure('how soon a fix is proved', () => measureProof(folder))
  if (!quick) await measure('the cost of 5,000 unrelated objects of each kind', () => measureGrowth(folder))
  return figures
}

const bench = async (): Promise<number> => {
  const { rounds, quick } = parseArgs({ options }).values
  const wrong = await complaints().catch(() => ['no lab is running'])
  if (wrong.length > 0)
    throw new Error(`It wants a healthy lab (npm run lab up, npm run lab heal): ${wrong.join('; ')}`)
  const before = load()
  const folder = mkdtempSync(join(tmpdir(), 'dynamo-metrics-bench-'))
  try {
    const figures = await measureAll(folder, Number(rounds), quick)
    const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
    process.stdout.write(`${machine}, load ${before} to ${load()}, medians of ${rounds}\n\n${table(figures)}\n`)
    return figures.some(isMissed) ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

process.exitCode = await bench().catch((error: Error) => {
  say(`bench: ${error.message}`)
  return 2
})

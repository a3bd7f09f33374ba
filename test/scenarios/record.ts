/**
 * Records scenarios from the lab: makes each fault, records what the doctor reads, and writes beside it what the
 * doctor says of it. What it says is for a person to read before it is committed: a scenario is a promise.
 *
 *     node test/scenarios/record.ts            every fault the lab can make, and the healthy cluster
 *     node test/scenarios/record.ts CODE ...   these; `healthy` among them
 *     node test/scenarios/record.ts --again    no recording: what the doctor says now of those that are there
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checks } from '../../src/checks/index.ts'
import { dynamoMetrics } from '../e2e/doctor.ts'
import { breakLab, heal, kubeconfigs } from '../lab/api.ts'
import { faults } from '../lab/faults.ts'
import { recorded, replay, type Scenario, scenarioAt } from './scenario.ts'

const record = async (name: string): Promise<void> => {
  const scenario = scenarioAt(name)
  await mkdir(dirname(scenario.snapshot), { recursive: true })
  const { exitCode, stderr } = await dynamoMetrics(['snapshot', '--kubeconfig', kubeconfigs.admin, '--file', scenario.snapshot, '--force'])
  if (exitCode !== 0) throw new Error(`no snapshot of ${name}: ${stderr}`)
  await writeExpectations(scenario)
}

const writeExpectations = async (scenario: Scenario): Promise<void> => {
  const { text, report } = await replay(scenario)
  await writeFile(scenario.text, text)
  await writeFile(scenario.json, `${JSON.stringify(report, null, 2)}\n`)
}

const wanted = process.argv.slice(2)
const known = new Set(checks.flatMap(check => Object.keys(check.codes)))
const codes = Object.keys(faults).filter(code => known.has(code))
const again = wanted[0] === '--again'
const names = again ? [] : wanted.length > 0 ? wanted : ['healthy', ...codes]

if (again) for (const name of recorded()) await writeExpectations(scenarioAt(name))

for (const name of names) {
  if (name === 'healthy') await heal()
  else await breakLab(name)
  try {
    await record(name)
    process.stdout.write(`${name}\n`)
  } catch (error) {
    await rm(dirname(scenarioAt(name).snapshot), { recursive: true, force: true })
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  } finally {
    if (name !== 'healthy') await heal()
  }
}

/**
 * Records scenarios from the lab: makes each fault or story, records what the doctor reads, and writes beside it what
 * the doctor says of it. What it says is for a person to read before it is committed: a scenario is a promise.
 *
 *     node test/scenarios/record.ts                      every fault the lab can make, every story, and the healthy cluster
 *     node test/scenarios/record.ts NAME ...             these: codes, stories, `healthy`
 *     node test/scenarios/record.ts --again [NAME ...]   no recording: what the doctor says now of those that are there
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checks } from '../../src/checks/index.ts'
import { rights } from '../../src/facts/rights.ts'
import { leastPrivilege } from '../../src/kubernetes/least-privilege.ts'
import { dynamoMetrics, examine, examineSettled } from '../e2e/doctor.ts'
import { breakBehind, breakLab, heal, kubeconfigs, kubectl, reshape, up, waitFor } from '../lab/api.ts'
import { faults } from '../lab/faults.ts'
import { applyObjects, labelled } from '../lab/installs.ts'
import type { KubeObject } from '../lab/kube-client.ts'
import { defaultEra, dynamo, faultLabel, isLater } from '../lab/layout.ts'
import { recorded, replay, type Scenario, scenarioAt } from './scenario.ts'
import { comesOfAge, type Story, stories } from './stories.ts'

const storyOf = (name: string): Story => {
  const { flags = [], era } = faults[name] ?? {}
  const elsewhere = era && isLater(era) ? { era } : {}
  return stories[name] ?? { faults: name === 'healthy' ? [] : [name], flags, causes: [], ...elsewhere }
}

const record = async (
  name: string,
  { era, shape, faults = [], behind = [], without, namespaces, flags = [] }: Story,
) => {
  const scenario = scenarioAt(name)
  await mkdir(dirname(scenario.snapshot), { recursive: true })
  try {
    if (era) await up(era)
    if (shape) await reshape(shape)
    for (const code of faults) await breakLab(code)
    for (const code of behind) await breakBehind(code)
    const age = comesOfAge[name]
    if (age !== undefined) await waitFor(isJudged, { what: 'the fault to be no young change any more', seconds: age })
    await examineSettled(kubeconfigs.admin, ...flags)
    const viewer = without ? await grant(without, namespaces ?? []) : []
    const how = ['--kubeconfig', kubeconfigs.admin, '--file', scenario.snapshot, '--force', ...viewer, ...flags]
    const { exitCode, stderr } = await dynamoMetrics(['snapshot', ...how])
    if (exitCode !== 0) throw new Error(`no snapshot of ${name}: ${stderr}`)
    await writeExpectations(scenario)
  } finally {
    if (without) await kubectl('delete', kindsGranted, '-A', '-l', `${faultLabel}=story`)
    if (shape || faults.length > 0) await heal()
    if (era) await up(defaultEra)
  }
}

const isJudged = async () => (await examine(kubeconfigs.admin)).verdict !== 'pending'

const kindsGranted = 'clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts'

/** An account with the rights of `generate rbac` but these, and the flag to be it. */
const grant = async (without: readonly string[], namespaces: readonly string[]): Promise<readonly string[]> => {
  const account = { namespace: dynamo.namespace, name: 'story' }
  const left = rights.filter(({ verb, resource }) => !without.includes(`${verb} ${resource}`))
  const items = leastPrivilege(left, { account, namespaces }).map(({ object }) =>
    labelled(object as unknown as KubeObject, { [faultLabel]: 'story' }),
  )
  await applyObjects(items)
  return ['--as', `system:serviceaccount:${account.namespace}:${account.name}`]
}

const writeExpectations = async (scenario: Scenario): Promise<void> => {
  const { text, report } = await replay(scenario)
  await writeFile(scenario.text, text)
  await writeFile(scenario.json, `${JSON.stringify(report, null, 2)}\n`)
}

const [first, ...others] = process.argv.slice(2)
const again = first === '--again'
const wanted = again || first === undefined ? others : [first, ...others]
const known = new Set(checks.flatMap(check => Object.keys(check.codes)))
const codes = Object.keys(faults).filter(code => known.has(code))
const everything = ['healthy', ...codes, ...Object.keys(stories)]
const names = again ? [] : wanted.length > 0 ? wanted : everything

if (again) for (const name of wanted.length > 0 ? wanted : recorded()) await writeExpectations(scenarioAt(name))

if (names.length > 0) {
  await up(defaultEra)
  await heal()
}
for (const name of names) {
  try {
    await record(name, storyOf(name))
    process.stdout.write(`${name}\n`)
  } catch (error) {
    await rm(dirname(scenarioAt(name).snapshot), { recursive: true, force: true })
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

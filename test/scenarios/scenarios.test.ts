import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { namedAs } from '../e2e/chosen-faults.ts'
import { recorded, replay, scenarioAt } from './scenario.ts'

const names = recorded()

/** Clusters recorded from the lab, one fault each; the built command is run on them as a user runs it. */
describe.concurrent('recorded clusters', () => {
  it.each(names)('%s', async name => {
    const scenario = scenarioAt(name)
    const { text, report, exitCode } = await replay(scenario)
    expect(report).toEqual(JSON.parse(await readFile(scenario.json, 'utf8')))
    expect(text).toBe(await readFile(scenario.text, 'utf8'))
    expect(exitCode).toBe(report.exitCode)
  })

  it.each(names.filter(name => name.includes('/')))('%s is the root cause', async name => {
    const { causes } = JSON.parse(await readFile(scenarioAt(name).json, 'utf8'))
    expect(causes[0].code).toBe(namedAs[name] ?? name)
  })

  it.each(names)('%s is under 300 KB', name => {
    expect(statSync(scenarioAt(name).snapshot).size).toBeLessThan(300_000)
  })
})

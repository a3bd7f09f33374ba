import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { namedAs } from '../e2e/chosen-faults.ts'
import { recorded, replay, scenarioAt } from './scenario.ts'
import { comesOfAge, consequences, stories } from './stories.ts'

const names = recorded()
const reportOf = async (name: string): Promise<Report> => JSON.parse(await readFile(scenarioAt(name).json, 'utf8'))

/** `area/name`, but no story's. */
const isFault = (name: string): boolean => name.includes('/') && !(name in stories)

/** Clusters recorded from the lab, one fault each; the built command is run on them as a user runs it. */
describe.concurrent('recorded clusters', () => {
  it.each(names)('%s', async name => {
    const scenario = scenarioAt(name)
    const { text, report, exitCode } = await replay(scenario)
    expect(report).toEqual(await reportOf(name))
    expect(text).toBe(await readFile(scenario.text, 'utf8'))
    expect(exitCode).toBe(report.exitCode)
  })

  it.each(names.filter(isFault))('%s is the root cause', async name => {
    const { causes } = await reportOf(name)
    expect(causes[0]?.code).toBe(name in comesOfAge ? name : (namedAs[name] ?? name))
  })

  it.each(Object.entries(stories))('%s has these causes, and leaves these checks unknown', async (name, story) => {
    const { causes, checks } = await reportOf(name)
    expect(causes.map(({ code }) => code).toSorted()).toEqual(story.causes.toSorted())
    const unknown = checks.filter(({ outcome }) => outcome === 'unknown').map(({ id }) => id)
    expect(unknown.toSorted()).toEqual((story.unknown ?? []).toSorted())
  })

  it.each(Object.entries(consequences))('%s explains what follows from it', async (name, explained) => {
    const { causes } = await reportOf(name)
    expect(causes.map(({ code }) => code)).toEqual([name])
    expect(causes[0]?.explains.map(({ code }) => code)).toEqual(explained)
  })

  it.each(names)('%s is under 300 KB', name => {
    expect(statSync(scenarioAt(name).snapshot).size).toBeLessThan(300_000)
  })
})

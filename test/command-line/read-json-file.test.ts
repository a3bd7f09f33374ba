import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readJsonFile } from '../../src/command-line/fixing.ts'

describe('a file that a person names', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-json-'))
    await writeFile(join(folder, 'plan.json'), '{"fixes": [')
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each([
    ['is not there', 'gone.json', /^There is no file .*gone\.json$/],
    ['is cut off', 'plan.json', /^The plan cannot be read from .*plan\.json, which is no JSON$/],
    ['is a folder', '.', /^The plan cannot be read from .*: EISDIR$/],
  ])('%s', async (_what, name, words) => {
    await expect(readJsonFile(join(folder, name), 'plan')).rejects.toThrow(words)
  })
})

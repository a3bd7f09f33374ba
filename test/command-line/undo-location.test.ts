import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { undoLocation } from '../../src/command-line/undo-location.ts'
import { writeDurably } from '../../src/command-line/write-durably.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-'))
})
afterEach(() => rm(folder, { recursive: true }))

const now = new Date('2026-11-23T08:01:02Z')

describe('undoLocation', () => {
  it.each<[env: NodeJS.ProcessEnv, file: string]>([
    [{ XDG_STATE_HOME: '/state', HOME: '/home/a' }, '/state/dynamo-metrics/undo-20261123T080102-a1b2.json'],
    [{ HOME: '/home/a' }, '/home/a/.local/state/dynamo-metrics/undo-20261123T080102-a1b2.json'],
  ])('%j', (env, file) => {
    expect(undoLocation(undefined, 'a1b2', env, now)).toBe(file)
  })

  it('asks for a file where there is no home, and never takes one that is there', async () => {
    expect(() => undoLocation(undefined, 'a1b2', {}, now)).toThrow('no state directory')
    const file = join(folder, 'undo.json')
    expect(undoLocation(file, 'a1b2', {}, now)).toBe(file)
    await writeFile(file, '')
    expect(() => undoLocation(file, 'a1b2', {}, now)).toThrow('there already')
  })
})

describe('writeDurably', () => {
  it('makes the folder, replaces the file as a whole, and keeps it to its owner', async () => {
    const file = join(folder, 'deep', 'undo.json')
    await writeDurably(file, 'one')
    await writeDurably(file, 'two')
    expect(await readFile(file, 'utf8')).toBe('two')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'deep'))).toEqual(['undo.json'])
  })

  it('leaves the old file, and nothing beside it, where the disk refuses', async () => {
    const file = join(folder, 'undo.json')
    await writeDurably(file, 'one')
    await rm(file)
    await expect(writeDurably(join(file, 'below'), 'x').then(() => writeDurably(file, 'two'))).rejects.toThrow(
      /EISDIR|ENOTEMPTY|EEXIST/,
    )
    expect(await readdir(folder)).toEqual(['undo.json'])
  })

  it('rejects where nothing can be written', async () => {
    await expect(writeDurably('/proc/undo.json', 'x')).rejects.toThrow(/ENOENT|EACCES|EROFS/)
  })
})

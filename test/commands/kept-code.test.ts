import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { dynamoMetrics } from './run-command.ts'

const explain = (env: Readonly<Record<string, string>>) => dynamoMetrics(['explain', 'scrape/down'], { env })

describe('the compiled code that is kept from run to run', () => {
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kept-code-'))
  })

  const keptFiles = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => basename(name).startsWith('dynamo-metrics'))
      .map(name => join(folder, name))

  const onlyFile = () => {
    const [file = '', ...others] = keptFiles()
    expect([basename(file), ...others]).toEqual(['dynamo-metrics-explain'])
    return file
  }

  it('is used, and changes nothing', async () => {
    const first = await explain({ NODE_COMPILE_CACHE: folder })
    const kept = readFileSync(onlyFile())
    expect(await explain({ NODE_COMPILE_CACHE: folder })).toEqual(first)
    expect(first).toMatchObject({ exitCode: 0, stderr: '' })
    expect(readFileSync(onlyFile()).equals(kept)).toBe(true)
  })

  it.each([
    ['is cut off', (kept: Buffer) => kept.subarray(0, kept.length / 2)],
    ['is damaged', (kept: Buffer) => Buffer.concat([kept.subarray(0, -1000), Buffer.alloc(1000, 0x2a)])],
    ['is of another build', (kept: Buffer) => Buffer.concat([Buffer.from('0'.repeat(64)), kept.subarray(64)])],
    ['is empty', () => Buffer.alloc(0)],
  ])('is made anew where it %s', async (_how, spoil) => {
    const first = await explain({ NODE_COMPILE_CACHE: folder })
    const file = onlyFile()
    const spoiled = spoil(readFileSync(file))
    writeFileSync(file, spoiled)
    expect(await explain({ NODE_COMPILE_CACHE: folder })).toEqual(first)
    expect(readFileSync(onlyFile()).equals(spoiled)).toBe(false)
  })

  it('is not kept where it must not be or cannot be', async () => {
    const first = await explain({ NODE_COMPILE_CACHE: folder, NODE_DISABLE_COMPILE_CACHE: '1' })
    expect(first).toMatchObject({ exitCode: 0, stderr: '' })
    expect(keptFiles()).toEqual([])
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(await explain({ NODE_COMPILE_CACHE: join(file, 'no-folder') })).toEqual(first)
  })
})

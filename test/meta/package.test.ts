import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const manifest = JSON.parse(read('package.json')) as { engines: { node: string } }
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<
    string,
    { dev?: boolean; optional?: boolean; engines?: { node?: string }; optionalDependencies?: Record<string, string> }
  >
}

/** `>=22.19.0` -> [22, 19, 0]; other shapes of a range say less than the newest floor does, and are left out. */
const floorOf = (range: string): readonly number[] =>
  range
    .match(/^>=\s*(\d+)\.?(\d+)?\.?(\d+)?$/)
    ?.slice(1)
    .map(part => Number(part ?? 0)) ?? [0]

const compare = (a: readonly number[], b: readonly number[]): number => {
  const at = [0, 1, 2].find(index => (a[index] ?? 0) !== (b[index] ?? 0)) ?? 0
  return (a[at] ?? 0) - (b[at] ?? 0)
}

describe('the package', () => {
  it('asks for the Node that its strictest dependency asks for', () => {
    const floors = Object.entries(lock.packages)
      .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
      .map(([, { engines }]) => floorOf(engines?.node ?? ''))
    const strictest = floors.sort(compare).at(-1) ?? []
    expect(manifest.engines.node).toBe(`>=${strictest.join('.')}`)
  })

  it('says in bin what it says in engines', () => {
    expect(read('bin/run.js')).toContain(`const needed = '${manifest.engines.node.slice('>='.length)}'`)
  })

  it('locks the packages of every platform, so that npm ci takes the lock file', () => {
    const dropped = Object.entries(lock.packages).flatMap(([dependent, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        name => !(`${dependent}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages),
      ),
    )
    expect(dropped, 'run: node scripts/complete-lock.mjs').toEqual([])
  })
})

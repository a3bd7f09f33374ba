import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { areas } from '../../src/model/check.ts'
import { recorded } from '../scenarios/scenario.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = join(root, 'docs/codes')

const ids = checks.map(({ id }) => id)
const codes = checks.flatMap(check => Object.entries(check.codes).map(([code, info]) => ({ code, check, info })))
const codeNames = codes.map(({ code }) => code)

const twice = (names: readonly string[]): readonly string[] =>
  names.filter((name, index) => names.indexOf(name) !== index)

describe('the register of checks', () => {
  it('gives every check an id, and every code a check, of its own', () => {
    expect(twice(ids)).toEqual([])
    expect(twice(codeNames)).toEqual([])
    expect(ids.filter(id => codeNames.includes(id) || (areas as readonly string[]).includes(id))).toEqual([])
  })

  it.each(checks.map(check => [check.id, check] as const))(
    '%s is named as ids are, and begins with its area',
    (id, { area, title }) => {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/)
      expect(id.startsWith(`${area}-`)).toBe(true)
      expect(title).toMatch(/^\S.*[^.]$/)
    },
  )

  it.each(codes.map(one => [one.code, one] as const))(
    '%s is a code of its check’s area, with a title',
    (code, { check, info }) => {
      expect(code).toMatch(new RegExp(`^${check.area}/[a-z0-9]+(-[a-z0-9]+)*$`))
      expect(info.title).toMatch(/^\S.*[^.]$/)
    },
  )

  it('stands in the order of the chain', () => {
    const order = checks.map(({ area }) => areas.indexOf(area))
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it('names as a cause only codes that there are', () => {
    const named = codes.flatMap(({ code, info }) => (info.causedBy ?? []).map(cause => ({ code, cause })))
    expect(named.filter(({ cause }) => !codeNames.includes(cause))).toEqual([])
  })

  it('lets no code be its own cause, however far round', () => {
    const causes = new Map(codes.map(({ code, info }) => [code, info.causedBy ?? []]))
    const circle = (code: string, path: readonly string[]): readonly string[] =>
      path.includes(code)
        ? [...path, code]
        : (causes.get(code) ?? []).flatMap(cause => circle(cause, [...path, code])).slice(0, 20)
    expect(codeNames.flatMap(code => circle(code, []))).toEqual([])
  })

  it('is proved only by checks that there are, further down the chain', () => {
    const position = (id: string) => ids.indexOf(id)
    const wrong = checks.filter(({ id, provedBy }) => provedBy !== undefined && position(provedBy) <= position(id))
    expect(wrong.map(({ id, provedBy }) => `${id} is not behind ${provedBy}`)).toEqual([])
  })
})

describe('docs/codes', () => {
  it.each(codeNames)('%s has a page that begins with its name', code => {
    const page = join(pages, `${code}.md`)
    expect(existsSync(page), `docs/codes/${code}.md`).toBe(true)
    expect(readFileSync(page, 'utf8').split('\n')[0]).toBe(`# ${code}`)
  })

  it('has no page of a code that is not there', () => {
    const found = existsSync(pages) ? readdirSync(pages, { recursive: true, encoding: 'utf8' }) : []
    const named = found
      .filter(file => file.includes('/') && file.endsWith('.md'))
      .map(file => file.slice(0, -'.md'.length))
    expect(named.filter(code => !codeNames.includes(code))).toEqual([])
  })
})

/** What is written down of codes that no cluster was recorded with. */
const unrecorded: Readonly<Record<string, string>> = {
  'access/unreachable': 'where nothing answers nothing is recorded',
}

describe('recorded clusters', () => {
  it('there is one for each code, but where it is said why not', () => {
    const names = new Set(recorded())
    expect(codeNames.filter(code => !names.has(code))).toEqual(Object.keys(unrecorded))
  })
})

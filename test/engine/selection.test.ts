import { describe, expect, test } from 'vitest'
import { neededFor, shownBy } from '../../src/engine/selection.ts'
import type { Check, CodeInfo } from '../../src/model/check.ts'

const check = (
  id: string,
  area: Check['area'],
  codes: Readonly<Record<string, readonly string[]>>,
  provedBy?: string,
): Check => ({
  id,
  title: id,
  area,
  needs: [],
  wants: [],
  codes: Object.fromEntries(
    Object.entries(codes).map(([code, causedBy]): [string, CodeInfo] => [
      code,
      { title: code, severity: 'error', causedBy },
    ]),
  ),
  ...(provedBy === undefined ? {} : { provedBy }),
  run: () => ({ findings: [] }),
})

const register: readonly Check[] = [
  check('stack-crds', 'stack', { 'stack/crds-missing': [] }),
  check('stack-pods', 'stack', { 'stack/not-ready': [] }),
  check('service-there', 'service', { 'service/missing': ['stack/crds-missing'], 'service/odd': [] }),
  check('monitor-there', 'monitor', { 'monitor/missing': ['service/missing'] }, 'metrics-there'),
  check('metrics-there', 'metrics', { 'metrics/absent': [] }),
]

const shownChecks = (only: readonly string[], skip: readonly string[] = []) =>
  register.filter(shownBy(register, only, skip).check).map(({ id }) => id)
const shownCodes = (only: readonly string[], skip: readonly string[] = []) =>
  register.flatMap(({ codes }) => Object.keys(codes)).filter(shownBy(register, only, skip).code)
const needed = (only: readonly string[], skip: readonly string[] = []) =>
  neededFor(register, shownBy(register, only, skip)).map(({ id }) => id)

describe('what is shown', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['everything', [], [], register.map(({ id }) => id)],
    ['an area', ['stack'], [], ['stack-crds', 'stack-pods']],
    ['a check', ['service-there'], [], ['service-there']],
    ['the check of a code', ['service/odd'], [], ['service-there']],
    ['several', ['monitor', 'service/missing'], [], ['service-there', 'monitor-there']],
    ['all but an area', [], ['stack', 'metrics'], ['service-there', 'monitor-there']],
    ['all but a check', [], ['stack-pods'], ['stack-crds', 'service-there', 'monitor-there', 'metrics-there']],
    ['an area but for one check', ['stack'], ['stack-pods'], ['stack-crds']],
    ['a check stays where one of its codes is skipped', ['service'], ['service/odd'], ['service-there']],
  ])('of checks: %s', (_, only, skip, wanted) => expect(shownChecks(only, skip)).toEqual(wanted))

  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['an area’s', ['stack'], [], ['stack/crds-missing', 'stack/not-ready']],
    ['a check’s', ['service-there'], [], ['service/missing', 'service/odd']],
    ['one', ['service/odd'], [], ['service/odd']],
    ['an area’s but for one', ['service'], ['service/odd'], ['service/missing']],
    ['none of a skipped check', ['stack'], ['stack-pods'], ['stack/crds-missing']],
    ['none of a skipped area', ['stack', 'metrics'], ['stack'], ['metrics/absent']],
  ])('of codes: %s', (_, only, skip, wanted) => expect(shownCodes(only, skip)).toEqual(wanted))
})

describe('what has to run for it', () => {
  test('what may explain what is shown, however far back, and what may prove it', () =>
    expect(needed(['monitor'])).toEqual(['stack-crds', 'service-there', 'monitor-there', 'metrics-there']))
  test('and nothing else', () => expect(needed(['stack'])).toEqual(['stack-crds', 'stack-pods']))
  test('even where the cause is skipped: its consequence is not the root', () =>
    expect(needed(['service'], ['stack'])).toEqual(['stack-crds', 'service-there']))
})

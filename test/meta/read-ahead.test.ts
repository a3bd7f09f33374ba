import { expect, test } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { neededByChecks } from '../../src/engine/reading.ts'

test('what is read ahead is what the checks need together, no fact more', () => {
  const needed = new Set(checks.flatMap(({ needs, wants }) => [...needs, ...wants]))
  needed.delete('refusals')
  expect([...neededByChecks].sort()).toEqual([...needed].sort())
})

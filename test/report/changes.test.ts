import { expect, it } from 'vitest'
import { changesBetween } from '../../src/report/changes.ts'
import { healthy, labelMismatch } from './examinations.ts'

it('tells what the manifests would add', () => {
  expect(changesBetween(healthy.diagnosis, labelMismatch.diagnosis).map(line => line.split(':')[1])).toEqual([
    ' monitor/label-mismatch',
    ' scrape/not-discovered',
    ' metrics/absent',
  ])
  expect(changesBetween(healthy.diagnosis, labelMismatch.diagnosis)[0]).toContain('new')
})

it('tells what they would repair', () => {
  const [first] = changesBetween(labelMismatch.diagnosis, healthy.diagnosis)
  expect(first).toContain('gone: monitor/label-mismatch')
})

it('says so where they would change nothing', () => {
  expect(changesBetween(labelMismatch.diagnosis, labelMismatch.diagnosis)).toEqual([
    'The manifests would change none of the findings.',
  ])
})

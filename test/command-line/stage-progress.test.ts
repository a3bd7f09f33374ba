import { describe, expect, it } from 'vitest'
import { stageProgress } from '../../src/command-line/stage-progress.ts'
import type { OnItsWay } from '../../src/fix/verify.ts'
import { withoutControls } from '../../src/report/paper.ts'

const reload = { step: 1, of: 4, awaits: 'Prometheus to load the change', isSighted: true }
const scrape = { step: 3, of: 4, awaits: 'the first scrape of the target', isSighted: false }

const way: readonly (OnItsWay | undefined)[] = [
  { where: 'still monitor/label-mismatch', seconds: 0.4 },
  { stage: reload, where: 'scrape/reload-pending: it is 1 s old', seconds: 1.4 },
  { stage: reload, where: 'scrape/reload-pending: it is 2 s old', seconds: 2.4 },
  { stage: scrape, where: 'scrape/not-scraped-yet: no\u001b[31m scrape', seconds: 62 },
  undefined,
]

const shownOn = (isWatched: boolean) => {
  const lines: string[] = []
  const screen = {
    redraw: (line: string) => isWatched && lines.push(`~ ${line}`) > 0,
    clear: () => lines.push('cleared'),
    print: (line: string) => lines.push(line),
  }
  const progress = stageProgress({ plain: withoutControls }, screen)
  for (const at of way) progress(at)
  return lines
}

describe('the progress of a fix', () => {
  it('is a line a stage where nobody watches', () => {
    expect(shownOn(false)).toEqual([
      'waiting: still monitor/label-mismatch',
      'waiting, step 1 of 4, for Prometheus to load the change (scrape/reload-pending: it is 1 s old)',
      'waiting, step 3 of 4, for the first scrape of the target (scrape/not-scraped-yet: no[31m scrape)',
      'cleared',
    ])
  })

  it('is one line that is drawn anew on a terminal', () => {
    expect(shownOn(true)).toEqual([
      '~ waiting 0ms: still monitor/label-mismatch',
      '~ waiting 1s, step 1 of 4, for Prometheus to load the change (scrape/reload-pending: it is 1 s old)',
      '~ waiting 2s, step 1 of 4, for Prometheus to load the change (scrape/reload-pending: it is 2 s old)',
      '~ waiting 1m 2s, step 3 of 4, for the first scrape of the target (scrape/not-scraped-yet: no[31m scrape)',
      'cleared',
    ])
  })
})

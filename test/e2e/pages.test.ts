import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserHere, type Opened, pageFaults, withPage } from '../browser.ts'
import { breakLab, heal, kubeconfigs } from '../lab/api.ts'
import { dynamoMetrics, examineSettled } from './doctor.ts'

const cluster = ['--kubeconfig', kubeconfigs.admin]

interface Written {
  readonly args: (file: string) => readonly string[]
  readonly exitCode: number
  /** At the least, a healthy cluster's. */
  readonly charts: number
}

const pages: Readonly<Record<string, Written>> = {
  'dashboard preview': {
    args: file => ['dashboard', 'preview', file, '--range', '5m'],
    exitCode: 0,
    charts: 7,
  },
  'doctor on a healthy cluster': { args: file => ['doctor', `--output=html=${file}`], exitCode: 0, charts: 7 },
  'query over a range': {
    args: file => ['query', 'reconcile-rate', '--range', '5m', `--output=html=${file}`],
    exitCode: 0,
    charts: 1,
  },
}

/** What is drawn, and how much of it sticks out of the page. */
const drawn = ({ page }: Opened) =>
  page.locator('svg').evaluateAll(charts =>
    charts.map(chart => {
      const { width, height, left, right } = chart.getBoundingClientRect()
      return {
        isDrawn: width > 0 && height > 0,
        sticksOut: left < 0 || right > chart.ownerDocument.documentElement.clientWidth,
      }
    }),
  )

/** A sheet of A4 at 96 dots an inch. */
const sheet = 794

// Without a browser the pages are as Node wrote them, and nothing can be seen of them.
describe.skipIf(browserHere === undefined)('in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'))

  beforeAll(async () => {
    await heal()
    expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
  })

  afterAll(async () => {
    rmSync(folder, { recursive: true })
    await heal()
  })

  const looked = async (file: string, charts: number) => {
    for (const look of [{}, { colorScheme: 'dark', width: 360 }, { colorScheme: 'dark', width: sheet }] as const) {
      await withPage(file, look, async opened => {
        if (look.width === sheet) await opened.page.emulateMedia({ media: 'print' })
        expect(await pageFaults(opened)).toEqual([])
        const all = await drawn(opened)
        expect(all.filter(({ isDrawn }) => isDrawn).length).toBeGreaterThanOrEqual(charts)
        expect(all.filter(({ sticksOut }) => sticksOut)).toEqual([])
      })
    }
  }

  it.each(Object.entries(pages))('what %s writes can be read by everybody, and on paper', async (name, written) => {
    const file = join(folder, `${name}.html`)
    expect((await dynamoMetrics([...written.args(file), ...cluster])).exitCode).toBe(written.exitCode)
    await looked(file, written.charts)
  })

  it('what the doctor writes of a fault too', async () => {
    await breakLab('monitor/label-mismatch')
    await examineSettled(kubeconfigs.admin)
    const file = join(folder, 'faulty.html')
    expect((await dynamoMetrics(['doctor', `--output=html=${file}`, ...cluster])).exitCode).toBe(1)
    await looked(file, 1)
    await withPage(file, {}, async ({ page }) => {
      expect(await page.locator('h2, h3').allTextContents()).toContainEqual(
        expect.stringContaining('No Prometheus selects ServiceMonitor'),
      )
    })
  })
})

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { chromium, type Page } from 'playwright-core'

/** A Chromium of this machine: `CHROMIUM`, or the first on the path. Undefined where there is none. */
export const browserHere: string | undefined = [
  process.env.CHROMIUM ?? '',
  ...['chromium', 'chromium-browser', 'google-chrome'].flatMap(name =>
    (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, name)),
  ),
].find(program => program !== '' && existsSync(program))

export interface Opened {
  readonly page: Page
  /** Addresses that the page asked for besides itself. */
  readonly asked: readonly string[]
  /** What the console was told: errors, and what the page's own policy kept it from. */
  readonly complaints: readonly string[]
}

export interface Look {
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
}

/** Opens a file in the browser of this machine and hands it on; the browser ends with it. */
export const withPage = async <T>(
  file: string,
  { colorScheme = 'light', width = 1280 }: Look,
  use: (opened: Opened) => Promise<T>,
): Promise<T> => {
  const browser = await chromium.launch({ executablePath: browserHere ?? '', args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } })
    const asked: string[] = []
    const complaints: string[] = []
    const own = pathToFileURL(file).href
    page.on('request', request => {
      if (request.url() !== own) asked.push(request.url())
    })
    page.on('console', message => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(error.message))
    await page.goto(own)
    return await use({ page, asked, complaints })
  } finally {
    await browser.close()
  }
}

/** What axe finds wrong with the page as it stands, a line for each rule and element. */
const accessibilityFaults = async (page: Page): Promise<readonly string[]> => {
  // Evaluated, not added as a script, which the page's own policy would forbid.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { readonly axe: typeof axe }).axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  })
}

/** What no page of ours may have: scripts and images, a scrollbar below, requests, complaints, and what axe finds. */
export const pageFaults = async ({ page, asked, complaints }: Opened): Promise<readonly string[]> => [
  ...(await page.locator('script, img').all()).map(element => `it holds ${element}`),
  ...((await page.evaluate('document.documentElement.scrollWidth <= innerWidth')) ? [] : ['it is too wide']),
  ...asked.map(address => `it asks for ${address}`),
  ...complaints,
  ...(await accessibilityFaults(page)),
]

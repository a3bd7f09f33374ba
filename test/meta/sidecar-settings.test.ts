import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sidecarSettings } from '../../src/grafana/sidecar-settings.ts'

const page = readFileSync(new URL('../../docs/decisions/0011-sidecar-settings.md', import.meta.url), 'utf8')

it('the page of the sidecar’s settings says of each that is read what it changes, and from which version on it is known', () => {
  const rows = [...page.matchAll(/^\| `([A-Z_0-9]+)` +\| *([\d.]*) *\|/gm)].map(([, name, since]) => [name, since])
  expect(rows).toEqual(Object.entries(sidecarSettings).map(([name, { since = '' }]) => [name, since]))
})

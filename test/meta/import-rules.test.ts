import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Who, where it stands, and a text that may, or may not, stand there. */
type Planted = readonly [string, string, string]

const forbidden: readonly Planted[] = [
  [
    'a check',
    'src/checks/monitor/planted.ts',
    "import { openLiveCluster } from '../../cluster/live.ts'\nopenLiveCluster({})\n",
  ],
  ['a check', 'src/checks/monitor/planted.ts', "import { readers } from '../../facts/index.ts'\nreaders.server()\n"],
  ['a check', 'src/checks/monitor/planted.ts', "import { readFileSync } from 'node:fs'\nreadFileSync('x')\n"],
  ['a check', 'src/checks/monitor/planted.ts', 'export const home = process.env.HOME\n'],
  ['a check', 'src/checks/monitor/planted.ts', 'export const now = () => performance.now()\n'],
  ['a pure folder', 'src/prometheus/planted.ts', "import { checks } from '../checks/index.ts'\nchecks.at(0)\n"],
  ['a pure folder', 'src/grafana/planted.ts', "import { run } from '../run.ts'\nrun()\n"],
  ['a fact', 'src/facts/planted.ts', "import { openSnapshot } from '../cluster/snapshot.ts'\nopenSnapshot('x')\n"],
  ['a report', 'src/report/planted.ts', "import { run } from '../run.ts'\nrun()\n"],
  ['a report', 'src/report/planted.ts', 'export const width = process.stdout.columns\n'],
  [
    'the model',
    'src/model/planted.ts',
    "import type { Cluster } from '../cluster/cluster.ts'\nexport type X = Cluster\n",
  ],
  ['the engine', 'src/engine/planted.ts', "import { openSnapshot } from '../cluster/snapshot.ts'\nopenSnapshot('x')\n"],
  ['a cluster', 'src/cluster/planted.ts', "import { run } from '../run.ts'\nrun()\n"],
  ['a fix', 'src/fix/planted.ts', "import { openLiveWriter } from '../cluster/live-writer.ts'\nopenLiveWriter({})\n"],
  ['a fix', 'src/fix/planted.ts', "import { execa } from 'execa'\nexeca('helm')\n"],
  [
    'a command',
    'src/command-line/planted.ts',
    "import { openLiveWriter } from '../cluster/live-writer.ts'\nopenLiveWriter({})\n",
  ],
  ['anything', 'src/diagnose.ts', "console.log('x')\n"],
]

const allowed: readonly Planted[] = [
  [
    'a fix',
    'src/fix/planted.ts',
    "import type { Writer } from '../cluster/writer.ts'\nexport const write = (writer: Writer) => writer.read\n",
  ],
  ['a check', 'src/checks/monitor/planted.ts', "import { refOf } from '../../kubernetes/object-ref.ts'\nrefOf({})\n"],
  ['a fact', 'src/facts/planted.ts', "import type { Cluster } from '../cluster/cluster.ts'\nexport type X = Cluster\n"],
  [
    'the command line',
    'src/command-line/planted.ts',
    "import { openSnapshot } from '../cluster/snapshot.ts'\nopenSnapshot(process.argv[2])\n",
  ],
]

const rules = /noRestrictedImports|noRestrictedGlobals|noConsole/

interface Diagnostics {
  readonly diagnostics: readonly {
    readonly category: string
    readonly location: { readonly path: string | { readonly file: string } }
  }[]
}

/** Lints all rows at once, each as a file of its own in a copy of the house that holds nothing but its rules. */
const lint = (house: string, rows: readonly Planted[]): readonly string[] => {
  const files = rows.map(([, path], index) => path.replace('planted', `planted-${index}`))
  for (const [index, file] of files.entries()) {
    mkdirSync(dirname(join(house, file)), { recursive: true })
    writeFileSync(join(house, file), rows[index]?.[2] ?? '')
  }
  const { stdout } = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['lint', '--reporter=json', '--max-diagnostics=none'],
    { cwd: house, encoding: 'utf8' },
  )
  const { diagnostics } = JSON.parse(stdout) as Diagnostics
  const complained = diagnostics
    .filter(({ category }) => rules.test(category))
    .map(({ location: { path } }) => (typeof path === 'string' ? path : path.file))
  return files.map(file => (complained.some(path => path.endsWith(file)) ? 'refused' : 'allowed'))
}

describe('the import rules of the house', () => {
  let house = ''
  let verdicts: readonly string[] = []

  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'house-'))
    for (const file of ['biome.json', '.gitignore']) cpSync(join(root, file), join(house, file))
    verdicts = lint(house, [...forbidden, ...allowed])
  })
  afterAll(() => rmSync(house, { recursive: true }))

  it.each(forbidden.map((row, index) => [...row, index] as const))(
    '%s in %s may not hold %j',
    (_who, _path, _text, index) => {
      expect(verdicts[index]).toBe('refused')
    },
  )

  it.each(allowed.map((row, index) => [...row, forbidden.length + index] as const))(
    '%s in %s may hold %j',
    (_who, _path, _text, index) => {
      expect(verdicts[index]).toBe('allowed')
    },
  )
})

import type { Area } from '../model/check.ts'
import type { Report } from '../model/report.ts'
import { type AreaState, areaStates } from './area-states.ts'
import type { Paper } from './paper.ts'

/** The two ways a metric and a dashboard take. Access and the stack carry both; what fails there is told by its cause. */
const ways: readonly (readonly Area[])[] = [
  ['operator', 'service', 'monitor', 'scrape', 'metrics'],
  ['dashboard', 'grafana'],
]

/** The chain, with the first broken link cut and everything behind it dotted: side by side, in rows, or as a list. */
export const chainPicture = (report: Report, paper: Paper): readonly string[] => {
  const states = areaStates(report)
  const drawn = ways
    .map(way => way.flatMap(area => linkOf(area, states)))
    .filter(links => links.length > 0)
    .map(links => draw(links, paper))
  const sideBySide = drawn.reduce((sum, { width }) => sum + width + gap.length, margin.length - gap.length)
  if (drawn.length === 0) return []
  if (sideBySide <= paper.width) return [join(drawn, 'names'), join(drawn, 'marks')]
  if (drawn.every(({ width }) => margin.length + width <= paper.width)) {
    return drawn.flatMap((row, index) => [...(index > 0 ? [''] : []), join([row], 'names'), join([row], 'marks')])
  }
  return [...states.entries()].map(([area, state]) => `${margin}${markOf(state, paper)} ${area}`)
}

const margin = '  '
const gap = ' '.repeat(5)

interface Link {
  readonly area: Area
  readonly state: AreaState
}

const linkOf = (area: Area, states: ReadonlyMap<Area, AreaState>): readonly Link[] => {
  const state = states.get(area)
  return state === undefined ? [] : [{ area, state }]
}

interface Drawing {
  readonly names: string
  readonly marks: string
  readonly width: number
}

const join = (drawings: readonly Drawing[], row: 'names' | 'marks'): string =>
  `${margin}${drawings.map(drawing => drawing[row]).join(gap)}`.trimEnd()

const draw = (links: readonly Link[], paper: Paper): Drawing => {
  const broken = links.findIndex(({ state }) => state === 'broken')
  const stations = links.map((link, index) => {
    const line = index === links.length - 1 ? '' : paper.glyphs[lineAfter(index, broken)]
    return {
      name:
        paper.paint[link.state === 'broken' ? 'bold' : 'reset'](link.area) +
        paper.paint[index === broken ? 'red' : 'dim'](line),
      mark: centred(link, broken !== -1 && index > broken, paper) + ' '.repeat(line.length),
      width: link.area.length + line.length,
    }
  })
  return {
    names: stations.map(({ name }) => name).join(''),
    marks: stations.map(({ mark }) => mark).join(''),
    width: stations.reduce((sum, { width }) => sum + width, 0),
  }
}

const lineAfter = (index: number, broken: number): 'whole' | 'cut' | 'open' => {
  if (broken === -1 || index < broken) return 'whole'
  return index === broken ? 'cut' : 'open'
}

const centred = ({ area, state }: Link, isBehind: boolean, paper: Paper): string => {
  const before = Math.floor((area.length - 1) / 2)
  const mark = markOf(isBehind && state === 'skipped' ? 'behind' : state, paper)
  return `${' '.repeat(before)}${mark}${' '.repeat(area.length - 1 - before)}`
}

const markOf = (state: AreaState, { glyphs, paint }: Paper): string => paint[colours[state]](glyphs[state])

const colours = {
  passed: 'green',
  broken: 'redBright',
  behind: 'dim',
  warned: 'yellow',
  unknown: 'yellow',
  pending: 'cyan',
  skipped: 'dim',
} as const satisfies Readonly<Record<AreaState, string>>

import { supportsColor } from 'chalk'
import type { TextStyle } from '../report/text.ts'

/** How the text report is to look where it goes: stdout, or a file. */
export const styleFor = (
  target: 'stdout' | 'file',
  { verbose, color }: { readonly verbose: boolean; readonly color?: boolean | undefined },
): TextStyle =>
  target === 'file'
    ? { width: unknownWidth, colour: 0, unicode: true, verbose }
    : { width: columns(), colour: colourLevel(color), unicode: showsUnicode(process.env), verbose }

const unknownWidth = 100

const columns = (): number => process.stdout.columns || Number(process.env.COLUMNS) || unknownWidth

/** The flag decides, then NO_COLOR and FORCE_COLOR, then what the terminal can do. */
const colourLevel = (flag: boolean | undefined): TextStyle['colour'] => {
  const able = supportsColor ? supportsColor.level : 0
  if (flag !== undefined) return flag ? (Math.max(1, able) as TextStyle['colour']) : 0
  return process.env.NO_COLOR ? 0 : able
}

/** The console of a Linux machine and a locale that says otherwise cannot show the signs; nothing said is UTF-8 today. */
const showsUnicode = (env: NodeJS.ProcessEnv): boolean => {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'C.UTF-8'
  return env.TERM !== 'linux' && /utf-?8/i.test(locale)
}

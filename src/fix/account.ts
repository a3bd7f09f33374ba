import type { Judged } from '../model/diagnosis.ts'
import type { Remedy } from '../model/remedy.ts'
import type { Attendant, Repairing } from './repair.ts'
import type { Prepared } from './write.ts'

/** What there is to report of a repair at any moment, also where it is ended from outside. */
export interface Account {
  /** Everything that the account hears, on its way to whoever it is for. */
  readonly attendant: Attendant
  readonly save: Repairing['save']
  readonly remedies: () => readonly Remedy[]
}

/** `causes` in the order of their turns. */
export const openAccount = (
  causes: readonly Judged[],
  { attendant, save }: Pick<Repairing, 'attendant' | 'save'>,
): Account => {
  const settled: Remedy[] = []
  let turn: { readonly prepared?: Prepared; readonly reached: keyof typeof reasons } = { reached: 'nothing' }
  let kept = 0
  let before = 0
  return {
    attendant: {
      ...attendant,
      show: prepared => {
        turn = { prepared, reached: 'nothing' }
        before = kept
        attendant.show(prepared)
      },
      applied: prepared => {
        turn = { prepared, reached: 'applied' }
        attendant.applied(prepared)
      },
      settled: remedy => {
        settled.push(remedy)
        turn = { reached: 'nothing' }
        attendant.settled(remedy)
      },
    },
    save: async entries => {
      // The file is there before the write: a moment too early is told as if it had been made, never the reverse.
      if (entries.length > before) turn = { ...turn, reached: 'writing' }
      await save(entries)
      kept = entries.length
      if (kept === before) turn = { ...turn, reached: 'nothing' }
    },
    remedies: () => [
      ...settled,
      ...causes.slice(settled.length).map((cause, index) => {
        const { prepared, reached }: typeof turn = index === 0 ? turn : { reached: 'nothing' }
        const { state, reason } = reasons[reached]
        return { cause, ...(prepared ? { fix: prepared.fix } : {}), state, reason }
      }),
    ],
  }
}

const reasons = {
  nothing: { state: 'not tried', reason: 'It was interrupted before anything of it was written.' },
  writing: {
    state: 'interrupted',
    reason: 'It was interrupted while it was written: undo finds out what of it was made.',
  },
  applied: { state: 'interrupted', reason: 'It was applied, and interrupted before it was proved.' },
} as const satisfies Readonly<Record<string, Pick<Remedy, 'state' | 'reason'>>>

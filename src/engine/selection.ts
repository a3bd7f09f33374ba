import type { Check } from '../model/check.ts'

/** What --only and --skip leave to show. */
export interface Shown {
  readonly check: (check: Pick<Check, 'id' | 'area'>) => boolean
  readonly code: (code: string) => boolean
}

/** `only` and `skip` name areas, checks or codes; a check is shown when its area, itself or one of its codes is. */
export const shownBy = (register: readonly Check[], only: readonly string[], skip: readonly string[]): Shown => {
  const owners = new Map(register.flatMap(check => Object.keys(check.codes).map(code => [code, check] as const)))
  const codesOf = (id: string) => [...owners.entries()].filter(([, owner]) => owner.id === id).map(([code]) => code)
  return {
    check: ({ id, area }) =>
      (only.length === 0 || [area, id, ...codesOf(id)].some(name => only.includes(name))) &&
      ![area, id].some(name => skip.includes(name)),
    code: code => {
      const owner = owners.get(code)
      const names = [code, owner?.id ?? '', owner?.area ?? '']
      return (only.length === 0 || names.some(name => only.includes(name))) && !names.some(name => skip.includes(name))
    },
  }
}

/** The shown checks, and those that may explain or prove what they find: a symptom is never shown as the cause. */
export const neededFor = (register: readonly Check[], shown: Shown): readonly Check[] => {
  const needed = new Set<Check>()
  const add = (check: Check): void => {
    if (needed.has(check)) return
    needed.add(check)
    const causes = new Set(Object.values(check.codes).flatMap(({ causedBy }) => causedBy ?? []))
    for (const other of register)
      if (other.id === check.provedBy || Object.keys(other.codes).some(code => causes.has(code))) add(other)
  }
  for (const check of register) if (shown.check(check)) add(check)
  return register.filter(check => needed.has(check))
}

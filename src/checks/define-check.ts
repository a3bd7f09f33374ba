import type { Check } from '../model/check.ts'
import type { FactName } from '../model/facts.ts'

/**
 * Types a check from its own declarations: reading a fact that is not in `needs` or `wants`, or emitting a code
 * that is not in `codes`, does not compile.
 */
export const defineCheck = <const Need extends FactName, const Want extends FactName, const Code extends string>(
  check: Check<Need, Want, Code>,
): Check<Need, Want, Code> => check

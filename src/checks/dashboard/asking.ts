import type { QueriedFamilies } from '../../model/grafana.ts'

/** The panels and variables of a dashboard that ask for a family, by whatever series of it. */
export const asking = ({ queries }: QueriedFamilies, family: string): readonly string[] => [
  ...new Set(queries.filter(({ families }) => families?.some(name => isOf(name, family))).map(({ where }) => where)),
]

const isOf = (name: string, family: string): boolean =>
  name === family || (name.startsWith(family) && /^_(?:bucket|sum|count)$/.test(name.slice(family.length)))

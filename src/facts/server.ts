import type { FactReader } from './fact-reader.ts'

export const server: FactReader<'server'> = ({ cluster }) => cluster.version()

import lt from 'semver/functions/lt.js'
import parse from 'semver/functions/parse.js'
import type { Sidecar } from '../model/grafana.ts'

/** Whether a sidecar is known to be older than this version. One without a version in its tag is not known to be. */
export const isBefore = ({ version }: Pick<Sidecar, 'version'>, limit: string): boolean => {
  const parsed = parse(version)
  return parsed !== null && lt(parsed, limit)
}

import coerce from 'semver/functions/coerce.js'
import lt from 'semver/functions/lt.js'
import type { Prometheus } from '../model/kubernetes.ts'

/**
 * By spec.version, never by the image; a pre-release is older than its release. Without a version the operator's own
 * default holds, which is newer than any rule.
 */
export const isOlder = ({ spec }: Prometheus, version: string): boolean => {
  const own = spec?.version ? coerce(spec.version, { includePrerelease: true }) : null
  return own !== null && lt(own, version)
}

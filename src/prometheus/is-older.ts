import semver from 'semver'
import type { Prometheus } from '../model/kubernetes.ts'

/** By spec.version, never by the image. Without one the operator's own default holds, which is newer than any rule. */
export const isOlder = ({ spec }: Prometheus, version: string): boolean => {
  const own = spec?.version ? semver.coerce(spec.version) : null
  return own !== null && semver.lt(own, version)
}

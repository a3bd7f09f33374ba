import { isTruthy } from '../helm/is-truthy.ts'
import { releaseValue } from '../helm/values.ts'
import type { Chain } from '../model/chain.ts'
import type { HelmRelease } from '../model/helm-release.ts'

/**
 * The namespace that an operator is kept to; undefined where it looks after all of them, or where nothing tells. Up to 0.9
 * a flag says so; later its configuration file does, which the chart makes of the same values.
 */
export const restrictedNamespace = (
  { workload: { metadata, spec } }: Chain,
  release: HelmRelease | undefined,
): string | undefined => {
  const args = (spec?.template?.spec?.containers ?? []).flatMap(({ args: own = [] }) => own)
  const [flag] = args.flatMap(arg => /^--?restrictedNamespace=(.+)$/.exec(arg)?.[1] ?? [])
  if (flag !== undefined || !release) return flag
  const value = (key: string) => releaseValue(release, `dynamo-operator.namespaceRestriction.${key}`)?.value
  if (!isTruthy(value('enabled'))) return undefined
  const target = value('targetNamespace')
  return typeof target === 'string' && target !== '' ? target : metadata.namespace
}

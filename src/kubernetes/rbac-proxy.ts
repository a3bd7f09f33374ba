import type { Container, Workload } from '../model/kubernetes.ts'
import { repositoryOf } from './repository-of.ts'

/** The kube-rbac-proxy beside the containers of a workload: what comes from outside comes through it. */
export const rbacProxyOf = ({ spec }: Workload): Container | undefined =>
  (spec?.template?.spec?.containers ?? []).find(
    ({ name, image = '' }) => name === 'kube-rbac-proxy' || repositoryOf(image).endsWith('kube-rbac-proxy'),
  )

/**
 * The argument by which the proxy lets a path pass without asking who is there; undefined where it asks.
 * Upstream: kube-rbac-proxy, flag --ignore-paths.
 */
export const ignoringArgument = ({ args = [] }: Container, path: string): string | undefined =>
  args.find(arg => arg.startsWith(flag) && arg.slice(flag.length).split(',').includes(path))

const flag = '--ignore-paths='

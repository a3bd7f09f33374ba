import { commandRights, rights } from '../facts/rights.ts'
import { fixRights } from '../fix/fix-rights.ts'
import { leastPrivilege } from '../kubernetes/least-privilege.ts'
import type { ServiceAccount } from '../kubernetes/rbac.ts'
import { UserError } from '../model/errors.ts'
import { manifestFormats } from '../report/manifests.ts'

export interface GenerateRbacFlags {
  readonly namespaces?: readonly string[] | undefined
  readonly 'service-account': string
  readonly output: keyof typeof manifestFormats
  readonly fix: boolean
}

/** The manifests of a ServiceAccount with the rights to read, and to repair where that is wanted. @throws UserError where a flag names no such thing */
export const generatedRbac = ({ namespaces = [], output, fix, ...flags }: GenerateRbacFlags): string => {
  for (const namespace of namespaces) requireName(namespace, '--namespaces')
  return manifestFormats[output](
    leastPrivilege([...rights, ...commandRights, ...(fix ? fixRights : [])], {
      account: accountOf(flags['service-account']),
      namespaces: [...new Set(namespaces)],
    }),
  )
}

const accountOf = (value: string): ServiceAccount => {
  const [namespace, name, ...rest] = value.split('/')
  if (!namespace || !name || rest.length > 0)
    throw new UserError(`--service-account ${value} is not NAMESPACE/NAME`, {
      hint: 'Write it like default/dynamo-metrics',
    })
  requireName(namespace, '--service-account')
  requireName(name, '--service-account')
  return { namespace, name }
}

/** RFC 1123, as namespaces are named; ServiceAccounts may also have dots. */
const requireName = (name: string, flag: string): void => {
  if (!/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/.test(name))
    throw new UserError(`${flag} ${name} is no name that Kubernetes takes`, {
      hint: 'Lower case letters, digits and dashes',
    })
}

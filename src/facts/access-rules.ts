import { fillAggregated } from '../kubernetes/rbac.ts'
import type { Role, RoleBinding } from '../model/rbac.ts'
import type { Listing, Read } from '../model/read.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { listEach, listEverywhere } from './listing.ts'

/** Roles and bindings of both scopes. In files, nobody has filled in the ClusterRoles that aggregate others. */
export const accessRules: FactReader<'accessRules'> = async context => {
  const { kind, live } = context.cluster.source
  const [clusterRoles, clusterBindings, roles, bindings] = await Promise.all([
    listEach<Role>(context, [kinds.clusterRole]).then(orNone),
    listEach<RoleBinding>(context, [kinds.clusterRoleBinding]).then(orNone),
    listEverywhere<Role>(context, kinds.role).then(orNone),
    listEverywhere<RoleBinding>(context, kinds.roleBinding).then(orNone),
  ])
  const all = [...clusterRoles.items, ...roles.items]
  const within = bindings.within ?? roles.within
  return {
    ok: true,
    value: {
      from: live ? 'cluster' : 'files',
      roles: live && kind !== 'overlay' ? all : fillAggregated(all),
      bindings: [...clusterBindings.items, ...bindings.items],
      unread: [clusterRoles, clusterBindings, roles, bindings].flatMap(({ unread }) => unread),
      ...(within ? { within } : {}),
    },
  }
}

/** What could not be read at all is an empty list with its reason. */
const orNone = <T>(read: Read<Listing<T>>): Listing<T> =>
  read.ok ? read.value : { items: [], unread: [read.unavailable] }

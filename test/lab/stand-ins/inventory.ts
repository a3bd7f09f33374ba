import { inClusterClient, inClusterNamespace, KubeError, type KubeObject, request } from '../kube-client.ts'
import { type DynamoKind, type DynamoStatus, dynamoKinds } from './dynamo-kinds.ts'
import type { Place } from './tally.ts'

/** How many of a kind are in a namespace and a state. */
export interface Count extends Place {
  readonly status: string
  readonly resources: number
}

interface DynamoResource extends KubeObject {
  readonly status?: DynamoStatus
}

const counts = new Map<string, Count>()
const places = new Map<string, readonly Place[]>()

/** What was counted so far. As in the real operator a count that was set stays, whatever becomes of the resources. */
export const inventory = (): readonly Count[] => [...counts.values()]

/** The kinds and namespaces of the resources that are there now. */
export const inhabited = (): readonly Place[] => [...places.values()].flat()

/** Looks anew every two seconds, where the real operator watches, and counts every thirty. */
export function keepInventory(version: string): void {
  const kinds = dynamoKinds(version)
  const look = () => kinds.forEach(kind => void lookAt(kind).catch(() => {}))
  look()
  setInterval(look, 2000).unref()
}

async function lookAt({ kind, stateOf, ...where }: DynamoKind): Promise<void> {
  const resources = await listed(where)
  const namespaces = new Set(resources.map(namespaceOf))
  places.set(
    kind,
    [...namespaces].map(namespace => ({ kind, namespace })),
  )
  if (!stateOf) return
  for (const namespace of namespaces) {
    const within = resources.filter(resource => namespaceOf(resource) === namespace)
    for (const [status, same] of Map.groupBy(within, resource => stateOf(resource.status ?? {})))
      counts.set(`${kind}/${namespace}/${status}`, { kind, namespace, status, resources: same.length })
  }
}

const namespaceOf = ({ metadata }: KubeObject): string => metadata?.namespace ?? ''

/** An operator that is kept to its own namespace may not list elsewhere. */
async function listed({ served, plural }: Pick<DynamoKind, 'served' | 'plural'>): Promise<readonly DynamoResource[]> {
  const list = (where: string) =>
    request<{ items: DynamoResource[] }>(inClusterClient(), 'GET', `/apis/nvidia.com/${served}/${where}${plural}`)
  const everywhere = list('').catch(error => {
    if (error instanceof KubeError && error.status === 403) return list(`namespaces/${inClusterNamespace()}/`)
    throw error
  })
  return (await everywhere).items
}

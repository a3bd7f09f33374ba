import { inClusterClient, inClusterNamespace, KubeError, type KubeObject, request } from '../kube-client.ts'

/** How many of a kind are in a namespace and a state. */
export interface Count {
  readonly kind: string
  readonly namespace: string
  readonly status: string
  readonly resources: number
}

interface DynamoResource extends KubeObject {
  readonly status?: { readonly state?: string }
}

const counted = {
  DynamoGraphDeployment: 'dynamographdeployments',
  DynamoComponentDeployment: 'dynamocomponentdeployments',
} as const

const counts = new Map<string, Count>()

/** What was counted so far. As in the real operator a count that was set stays, whatever becomes of the resources. */
export const inventory = (): readonly Count[] => [...counts.values()]

/** Counts anew every two seconds, where the real operator takes thirty. */
export function keepInventory(): void {
  const count = () => void Promise.all(Object.entries(counted).map(countKind)).catch(() => {})
  count()
  setInterval(count, 2000).unref()
}

async function countKind([kind, resource]: readonly [string, string]): Promise<void> {
  const byState = Map.groupBy(await listed(resource), stateOf)
  for (const [state, resources] of byState) {
    const [namespace = '', status = ''] = state.split('/')
    counts.set(`${kind}/${state}`, { kind, namespace, status, resources: resources.length })
  }
}

const stateOf = ({ metadata, status }: DynamoResource): string => `${metadata?.namespace}/${status?.state ?? ''}`

/** An operator that is kept to its own namespace may not list elsewhere. */
async function listed(resource: string): Promise<readonly DynamoResource[]> {
  const list = (where: string) =>
    request<{ items: DynamoResource[] }>(inClusterClient(), 'GET', `/apis/nvidia.com/v1alpha1/${where}${resource}`)
  const everywhere = list('').catch(error => {
    if (error instanceof KubeError && error.status === 403) return list(`namespaces/${inClusterNamespace()}/`)
    throw error
  })
  return (await everywhere).items
}

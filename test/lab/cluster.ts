import fs from 'node:fs'
import { createClient, type KubeClient, KubeError, type KubeObject, request } from './kube-client.ts'
import { apiServer, stack } from './layout.ts'
import { pki } from './pki.ts'

/** As much of prometheus-operator's Prometheus object as the lab reads. */
export interface Prometheus extends KubeObject {
  readonly status?: {
    readonly paused?: boolean
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly observedGeneration?: number
    }[]
  }
}

let admin: KubeClient | undefined

/** What the API server has at this path; undefined when it says 404. */
export async function get<T extends KubeObject>(path: string): Promise<T | undefined> {
  try {
    return await request<T>(adminClient(), 'GET', path)
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined
    throw error
  }
}

export async function list<T extends KubeObject>(path: string): Promise<readonly T[]> {
  return (await request<{ items: T[] }>(adminClient(), 'GET', path)).items
}

export const send = <T>(method: string, path: string, body: unknown, contentType?: string): Promise<T> =>
  request<T>(adminClient(), method, path, body, contentType)

export const core = (namespace: string, kind: string, name = '') => `/api/v1/namespaces/${namespace}/${kind}/${name}`
export const monitoring = (namespace: string, kind: string, name = '') =>
  `/apis/monitoring.coreos.com/v1/namespaces/${namespace}/${kind}/${name}`
export const apps = (namespace: string, kind: string, name = '') =>
  `/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`

export const inStack = (kind: string, name = '') => core(stack.namespace, kind, name)

function adminClient(): KubeClient {
  if (!admin) {
    const token = fs.readFileSync(pki.adminToken, 'utf8')
    admin = createClient(apiServer.url, fs.readFileSync(pki.ca, 'utf8'), () => token)
  }
  return admin
}

import { execFileSync } from 'node:child_process'
import { network } from './layout.ts'

/** The bridge all pods and the API server share. */
export function ensureBridge(): void {
  if (!succeeds('link', 'show', network.bridge)) ip('link', 'add', network.bridge, 'type', 'bridge')
  const address = `${network.host}/${network.prefixLength}`
  if (!ip('-o', 'addr', 'show', 'dev', network.bridge).includes(network.host))
    ip('addr', 'add', address, 'dev', network.bridge)
  ip('link', 'set', network.bridge, 'up')
}

export function removeBridge(): void {
  if (succeeds('link', 'show', network.bridge)) ip('link', 'del', network.bridge)
}

/** A network namespace with one address on the bridge. */
export function addPodNetwork(id: string, address: string): void {
  const namespace = podNamespace(id)
  const veth = network.vethPrefix + id
  ip('netns', 'add', namespace)
  ip('link', 'add', veth, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
  ip('link', 'set', veth, 'master', network.bridge, 'up')
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  ip('-n', namespace, 'addr', 'add', `${address}/${network.prefixLength}`, 'dev', 'eth0')
  ip('-n', namespace, 'link', 'set', 'eth0', 'up')
}

/** What the pod sends to an address is lost: whoever connects from there waits in vain. */
export function dropAnswersTo(id: string, address: string): void {
  ip('-n', podNamespace(id), 'route', 'replace', 'blackhole', address)
}

export function dropNoAnswers(id: string): void {
  succeeds('-n', podNamespace(id), 'route', 'flush', 'type', 'blackhole')
}

/** Cuts the cable first: the address may be another pod's while the old processes are still ending. */
export function unplugPod(id: string): void {
  if (succeeds('link', 'show', network.vethPrefix + id)) ip('link', 'del', network.vethPrefix + id)
}

export function removePodNetwork(id: string): void {
  succeeds('netns', 'del', podNamespace(id))
}

/** Ends what still runs in the lab's namespaces, e.g. after the pod runner itself was killed. */
export function removeAllPodNetworks(): void {
  const namespaces = ip('netns', 'list')
    .split('\n')
    .map(line => line.split(' ')[0] ?? '')
    .filter(name => name.startsWith(network.namespacePrefix))
  for (const namespace of namespaces) {
    for (const pid of ip('netns', 'pids', namespace).split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {
        // ended by itself in the meantime
      }
    }
    removePodNetwork(namespace.slice(network.namespacePrefix.length))
  }
}

export const podNamespace = (id: string) => network.namespacePrefix + id

const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

function succeeds(...args: string[]): boolean {
  try {
    ip(...args)
    return true
  } catch {
    return false
  }
}

import type { Cluster } from '../cluster/cluster.ts'
import { kinds } from '../facts/kinds.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { withoutControls } from '../report/paper.ts'
import { quote } from '../report/quote.ts'
import { factsOf } from './cluster-facts.ts'
import type { ClusterFlags, SearchFlags } from './cluster-flags.ts'
import { type Destination, type DestinationName, destinations, type PodPort } from './destinations.ts'
import { forward } from './forwarding.ts'
import { openBrowser } from './open-browser.ts'
import { openLive } from './open-cluster.ts'

export interface OpenProgramFlags extends ClusterFlags, SearchFlags {
  readonly port?: number | undefined
  readonly browser: boolean
  readonly print: boolean
}

/**
 * Forwards a port of loopback to the program that is wanted and opens the page in it. Gives an exit code where there is
 * nothing to wait for; undefined while the port is open, until somebody ends the process.
 * @throws UserError where no cluster is named
 */
export const openProgram = async (name: DestinationName, flags: OpenProgramFlags): Promise<number | undefined> => {
  const { cluster, narrowing, anew } = await openLive(flags)
  const found = await destinations[name](factsOf(cluster, narrowing))
  if ('complaint' in found) {
    say(found.complaint)
    return found.exitCode
  }
  for (const note of found.notes) say(note)
  if ('address' in found.at) {
    await show(found.at.address + found.path, flags)
    return 0
  }
  const { pod } = found.at
  const wanted = flags.port ?? pod.port
  if (flags.print) {
    tell(commandOf(found, wanted, flags))
    tell(addressOf(found, wanted))
    return 0
  }
  let current = pod
  const { port } = await forward(wanted, {
    connect: async () => {
      const pod = current
      return { tunnel: await cluster.forward(pod), isThere: () => isThere(anew(), pod) }
    },
    findAgain: async () => {
      const again = await destinations[name](factsOf(anew(), narrowing))
      if ('complaint' in again || !('pod' in again.at)) return undefined
      current = again.at.pod
      return current.name
    },
    say,
  })
  if (port !== wanted) say(`Port ${wanted} is taken: this is another.`)
  say(`${found.what}, pod ${pod.name}, until Ctrl-C:`)
  await show(addressOf(found, port), flags)
  return undefined
}

/** It may have become another one of the same name, or be on its way out. Where it may not be read it is taken for there. */
const isThere = async (cluster: Cluster, { namespace, name, uid }: PodPort): Promise<boolean> => {
  const pods = await cluster.list({ ...kinds.pod, namespace, fieldSelector: `metadata.name=${name}` })
  const isSame = ({ metadata }: KubernetesObject) => uid === undefined || metadata.uid === uid
  return !pods.ok || pods.value.some(pod => isSame(pod) && pod.metadata.deletionTimestamp === undefined)
}

const say = (line: string): void => {
  process.stderr.write(`${withoutControls(line)}\n`)
}

const tell = (line: string): void => {
  process.stdout.write(`${withoutControls(line)}\n`)
}

const addressOf = ({ scheme, path }: Destination, port: number): string => `${scheme}://127.0.0.1:${port}${path}`

/** As kubectl does the same, of the same cluster. */
const commandOf = ({ at }: Destination, port: number, { kubeconfig, context, as }: ClusterFlags): string => {
  if ('address' in at) return ''
  const { pod, service } = at
  const to = service
    ? [`service/${service.name}`, `${port}:${service.port}`]
    : [`pod/${pod.name}`, `${port}:${pod.port}`]
  const which = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
    ...(as === undefined ? [] : ['--as', as]),
  ]
  return ['kubectl', ...which, 'port-forward', '--namespace', pod.namespace, ...to].map(quote).join(' ')
}

/** Nobody sits before a pipe or a pipeline: there the address is printed and that is all. */
const show = async (address: string, { browser, print }: OpenProgramFlags): Promise<void> => {
  tell(address)
  if (!browser || print || !process.stdout.isTTY || process.env.CI) return
  if (!(await openBrowser(address))) say('No browser could be opened here: open the address above in one.')
}

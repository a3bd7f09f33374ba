/** The lab for programs: what the command line does, and questions to the lab's own programs. */
import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { controlPlaneState, startControlPlane, startNode, stopControlPlane } from './control-plane.ts'
import { type Fault, faults } from './faults.ts'
import { healCluster } from './heal.ts'
import { complaints } from './health.ts'
import { baselineEra, installBaseline, writeUserKubeconfigs } from './installs.ts'
import { dynamo, type Era, eras, files, state } from './layout.ts'
import { claimMachine, releaseMachine, replaceOtherLab } from './machine.ts'
import { removeAllPodNetworks, removeBridge } from './network.ts'
import { ensurePrograms, toolsToBuild } from './programs.ts'
import { LabError, requireHost } from './requirements.ts'
import { setSwitch } from './set-switch.ts'
import { type Variant, variants } from './variants.ts'
import { waitFor } from './wait.ts'

export {
  addressOfService,
  dynamoTarget,
  dynamoTargets,
  grafana,
  prometheus,
  query,
  queryNow,
  sidecarFiles,
} from './ask.ts'
export { complaints } from './health.ts'
export { cache, dynamo, names, stack } from './layout.ts'
export { helm, kubectl } from './tools.ts'
export { waitFor } from './wait.ts'

export const kubeconfigs = {
  admin: files.kubeconfig,
  viewer: files.viewerKubeconfig,
  nobody: files.nobodyKubeconfig,
} as const

interface UpOptions {
  readonly say?: (line: string) => void
  /** Puts down the lab of another checkout that runs on this machine, instead of refusing. */
  readonly replace?: boolean
}

/** Starts what does not run yet and waits until the lab is healthy. Returns the seconds it took. */
export async function up(era: Era, { say = () => {}, replace = false }: UpOptions = {}): Promise<number> {
  const started = performance.now()
  requireHost(toolsToBuild().length > 0)
  if (replace) replaceOtherLab(say)
  claimMachine()
  fs.mkdirSync(state, { recursive: true })
  const running = controlPlaneState().every(part => part.running)
  if (!running || !fs.existsSync(files.baseline) || baselineEra() !== era) {
    if (fs.existsSync(files.baseline) && !running) await clear()
    fs.mkdirSync(state, { recursive: true })
    claimMachine()
    await ensurePrograms(say)
    await startControlPlane()
    say('the API server answers')
    await startNode()
    await installBaseline(era)
    await writeUserKubeconfigs()
    say('kps and dyn are installed')
  }
  if (recordedFaults().length > 0) {
    throw new LabError(`the lab runs, broken on purpose by ${recordedFaults().join(', ')}: run "lab heal"`)
  }
  await untilHealthy()
  return secondsSince(started)
}

/** Ends the processes it started, nothing else, and forgets the cluster. */
export async function down(say: (line: string) => void = () => {}): Promise<void> {
  requireHost(false)
  claimMachine()
  await clear()
  say('the lab is down')
}

export async function status(): Promise<string> {
  const parts = controlPlaneState().map(part => `${part.name.padEnd(24)}${part.running ? 'running' : 'stopped'}`)
  if (!controlPlaneState().every(part => part.running)) return parts.join('\n')
  const wrong = await complaints()
  return [
    ...parts,
    `${'kubeconfig'.padEnd(24)}${files.kubeconfig}`,
    `${'era'.padEnd(24)}${baselineEra()}`,
    `${'broken on purpose'.padEnd(24)}${recordedFaults().join(', ') || 'nothing'}`,
    `${'health'.padEnd(24)}${wrong.join('; ') || 'healthy'}`,
  ].join('\n')
}

/** Makes one fault and waits until the real programs show it. Returns the seconds it took. */
export async function breakLab(code: string): Promise<number> {
  const fault = faultOf(code)
  const started = performance.now()
  await make(code, fault)
  await waitFor(fault.settled, { what: `${code} to show (${fault.breaks})`, seconds: 60 })
  return secondsSince(started)
}

/** Makes one more fault in a broken lab, where nobody can see its effect behind that of the others. */
export const breakBehind = (code: string): Promise<void> => make(code, faultOf(code))

async function make(code: string, fault: Fault): Promise<void> {
  fs.writeFileSync(files.faults, JSON.stringify([...new Set([...recordedFaults(), code])]))
  await fault.apply()
}

function faultOf(code: string): Fault {
  const fault: Fault | undefined = faults[code]
  if (!fault) throw new LabError(`no such fault: ${code} (see "lab codes")`)
  if (fault.era && eras.indexOf(baselineEra()) < eras.indexOf(fault.era))
    throw new LabError(`${code} exists from era ${fault.era} on`)
  return fault
}

/** Gives the healthy lab another shape and waits until it is as healthy as before. Returns the seconds it took. */
export async function reshape(name: string): Promise<number> {
  const variant = Object.entries<Variant>(variants).find(([key]) => key === name)?.[1]
  if (!variant) throw new LabError(`no such variant: ${name} (known: ${Object.keys(variants).join(', ')})`)
  const started = performance.now()
  await variant.apply()
  await waitFor(variant.settled, { what: `the lab to be one where ${variant.is}`, seconds: 60 })
  return secondsSince(started)
}

/** Makes the operator busy for so many seconds, and waits for their end. It ends by itself, whoever goes on waiting. */
export async function load(seconds: number, say: (line: string) => void = () => {}): Promise<void> {
  await setSwitch(dynamo.namespace, 'dynamo-operator.load', `20 ${Math.round(Date.now() / 1000) + seconds}`)
  say(`the operator is busy for ${seconds} s: look with "dynamo-metrics query reconcile-rate --range 5m --watch"`)
  await sleep(seconds * 1000)
}

/** Puts the healthy state back, also after several faults and after somebody else's changes. */
export async function heal(): Promise<number> {
  const started = performance.now()
  await healCluster(recordedFaults().flatMap(code => faults[code]?.afterHeal ?? []))
  fs.rmSync(files.faults, { force: true })
  return secondsSince(started)
}

function recordedFaults(): string[] {
  return fs.existsSync(files.faults) ? (JSON.parse(fs.readFileSync(files.faults, 'utf8')) as string[]) : []
}

async function clear(): Promise<void> {
  await stopControlPlane()
  removeAllPodNetworks()
  removeBridge()
  fs.rmSync(state, { recursive: true, force: true })
  releaseMachine()
}

async function untilHealthy(): Promise<void> {
  let last: string[] = []
  const healthy = async () => {
    last = await complaints()
    return last.length === 0
  }
  await waitFor(healthy, { what: 'the lab to be healthy', seconds: 90 }).catch(error => {
    throw new LabError(`the lab is not healthy: ${last.join('; ')}`, { cause: error })
  })
}

const secondsSince = (start: number) => Math.round((performance.now() - start) / 100) / 10

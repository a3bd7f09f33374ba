/** Whose lab this machine runs: the bridge and its addresses exist once. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { files, repository, state } from './layout.ts'
import { removeAllPodNetworks, removeBridge } from './network.ts'
import { isAlive, type ProcessRecord, recordOf, runsAny } from './processes.ts'
import { LabError } from './requirements.ts'

interface Claim {
  readonly state: string
  /** Who claimed: it may still be building programs, before any process of its lab runs. */
  readonly by?: ProcessRecord
}

/**
 * Takes the machine for this checkout's lab. What a lab left behind whose processes have all ended, e.g. with the machine,
 * is swept away; one that runs has to be put down first.
 */
export function claimMachine(): void {
  const other = claimOfAnother()
  if (other && isHeld(other)) {
    throw new LabError(
      `a lab is already running on this machine, with its state in ${other.state}: run "lab down" there first, or "lab up --replace" here`,
    )
  }
  if (other) {
    removeAllPodNetworks()
    removeBridge()
  }
  fs.writeFileSync(files.machineLock, JSON.stringify({ state, by: recordOf(process.pid) } satisfies Claim))
}

/** Puts down the lab of another checkout, its cluster and its state with it. */
export function replaceOtherLab(say: (line: string) => void): void {
  const other = claimOfAnother()
  if (!other || !isHeld(other)) return
  say(`putting down the lab with its state in ${other.state}`)
  const env = { ...process.env, DYNAMO_METRICS_LAB_STATE: other.state }
  execFileSync(process.execPath, [path.join(repository, 'test/lab/lab.ts'), 'down'], { env, stdio: 'inherit' })
}

export function releaseMachine(): void {
  if (claim()?.state === state) fs.rmSync(files.machineLock, { force: true })
}

const isHeld = ({ state: theirs, by }: Claim) =>
  isAlive(by) || runsAny(path.join(theirs, path.relative(state, files.pids)))

function claimOfAnother(): Claim | undefined {
  const found = claim()
  return found?.state === state ? undefined : found
}

function claim(): Claim | undefined {
  try {
    return JSON.parse(fs.readFileSync(files.machineLock, 'utf8')) as Claim
  } catch {
    return undefined
  }
}

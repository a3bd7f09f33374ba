import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { breakLab, heal, kubeconfigs, names, prometheus, waitFor } from '../test/lab/api.ts'
import { type Command, outputOf } from './measure.ts'
import { dynamoMetrics } from './programs.ts'
import type { Figure } from './table.ts'

const code = 'monitor/label-mismatch'
const rounds = 5

/**
 * How long after the real Prometheus first says that the target is up `--fix` says `fixed`: a label is repaired and the
 * repair taken back, again and again. Ends with a healthy lab.
 */
export const measureProof = async (folder: string): Promise<readonly Figure[]> => {
  const delays: number[] = []
  try {
    await breakLab(code)
    for (let round = 0; round < rounds; round++) {
      await waitFor(async () => !(await isUp()), { what: 'the target to be gone', seconds: 60 })
      delays.push(await delayOf(join(folder, `undo-${round}.json`)))
    }
  } finally {
    await heal()
  }
  const highest = Math.max(...delays)
  return [
    {
      what: 'a label fix is proved after the target is up, s',
      measured: `${Math.min(...delays).toFixed(2)} to ${highest.toFixed(2)}`,
      value: highest,
      budget: 2,
    },
  ]
}

const asAdministrator = ['--kubeconfig', kubeconfigs.admin]

const isUp = async (): Promise<boolean> => {
  const { activeTargets } = await prometheus<Targets>('/api/v1/targets?state=active')
  return activeTargets.some(({ health, labels }) => labels.service === names.metricsService && health === 'up')
}

interface Targets {
  readonly activeTargets: readonly { readonly health: string; readonly labels: Readonly<Record<string, string>> }[]
}

/** In seconds. */
const delayOf = async (undoFile: string): Promise<number> => {
  const fix = dynamoMetrics('doctor', ...asAdministrator, '--fix', '--yes', '--undo-file', undoFile)
  const [proved, up] = await Promise.all([momentOf(fix, /^fixed after/), momentUp()])
  await outputOf(dynamoMetrics('undo', undoFile, ...asAdministrator, '--yes'))
  return (proved - up) / 1000
}

const momentUp = async (): Promise<number> => {
  while (!(await isUp())) await sleep(50)
  return performance.now()
}

/** When a command says a line on stderr. @throws where it ends without it */
const momentOf = ({ file, args }: Command, line: RegExp): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const said: string[] = []
    let moment: number | undefined
    createInterface({ input: child.stderr }).on('line', text => {
      said.push(text)
      if (line.test(text)) moment = performance.now()
    })
    child.on('error', reject)
    child.on('close', () => {
      if (moment === undefined) reject(new Error(`it never said ${line}:\n${said.join('\n')}`))
      else resolve(moment)
    })
  })

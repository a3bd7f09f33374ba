import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../src/model/report.ts'

/** The program as a user starts it. */
export const doctorProgram = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface Run {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command as a user does, and waits for it. */
export const dynamoMetrics = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> =>
  new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [doctorProgram, ...args],
      { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code
        if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr })
        else reject(error)
      },
    )
  })

/** The doctor's JSON report on the cluster of a kubeconfig. */
export const examine = async (kubeconfig: string, ...args: readonly string[]): Promise<Report> => {
  const { stdout, stderr } = await dynamoMetrics(['doctor', '--kubeconfig', kubeconfig, '--output', 'json', ...args])
  try {
    return JSON.parse(stdout) as Report
  } catch (cause) {
    throw new Error(`no report on stdout: ${stderr || stdout}`, { cause })
  }
}

/**
 * The report once nothing is on its way any more: a cluster that was just changed is pending for some seconds, and
 * that is not what these tests are about. Asked again and again, for half a minute at most.
 */
export const examineSettled = async (kubeconfig: string, ...args: readonly string[]): Promise<Report> => {
  const until = Date.now() + 30_000
  for (;;) {
    const report = await examine(kubeconfig, ...args)
    const onItsWay = report.causes.some(({ severity }) => severity === 'pending') || report.verdict === 'pending'
    if (!onItsWay || Date.now() > until) return report
  }
}

/** The codes of what is no mere information: an operator that has just started is idle, which is no fault. */
export const seriousOf = ({ causes }: Pick<Report, 'causes'>): readonly string[] =>
  causes.filter(({ severity }) => severity !== 'info').map(({ code }) => code)

/** What makes a report faulty, with its evidence, so that a test that fails shows it. */
export const errorsOf = ({ causes }: Pick<Report, 'causes'>) =>
  causes
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, because, evidence, explains }) => ({
      code,
      message,
      because,
      evidence,
      explains: explains.map(({ code: explained }) => explained),
    }))

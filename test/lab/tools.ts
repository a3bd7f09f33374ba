import { execa } from 'execa'
import { files } from './layout.ts'
import { program } from './programs.ts'

const environment = { KUBECONFIG: files.kubeconfig, HELM_NAMESPACE: 'default' }

/** kubectl as the lab's administrator; its output, or an error that carries its words. */
export const kubectl = (...args: string[]): Promise<string> => run('kubectl', args)

/** kubectl with something on its standard input. */
export const kubectlWith = (input: string, ...args: string[]): Promise<string> => run('kubectl', args, input)

export const helm = (...args: string[]): Promise<string> => run('helm', args)

export const operatorCrds = async (): Promise<string> =>
  (await execa(program('prometheus-operator'), ['full-crds'], { stripFinalNewline: false })).stdout

async function run(name: string, args: readonly string[], input?: string): Promise<string> {
  const options = { env: environment, ...(input === undefined ? { stdin: 'ignore' as const } : { input }) }
  const result = await execa(program(name), args, options)
  return result.stdout
}

import { type ExecFileException, execFile } from 'node:child_process'
import { UserError } from '../model/errors.ts'

/** users[].user.exec of a kubeconfig. */
export interface CredentialPlugin {
  readonly apiVersion?: string
  readonly command: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly installHint?: string
}

export interface Credential {
  readonly token?: string
  readonly clientCertificateData?: string
  readonly clientKeyData?: string
}

/**
 * Runs a credential plugin. Not by client-node, whose own call cannot be stopped: a plugin that waits for a browser
 * would outlive --timeout. Upstream protocol: client.authentication.k8s.io ExecCredential.
 * @throws UserError where the plugin is missing, fails, gives nonsense or no answer before the deadline.
 */
export const runCredentialPlugin = async (
  plugin: CredentialPlugin,
  env: Readonly<Record<string, string | undefined>>,
  deadline: AbortSignal,
): Promise<Credential> => {
  const output = await start(plugin, { ...env, ...given(plugin) }, deadline)
  try {
    const { status } = JSON.parse(output) as { readonly status: Credential }
    if (status.token || status.clientCertificateData) return status
  } catch {
    // told below: what a plugin printed may hold a credential and is not repeated
  }
  throw new UserError(`The credential plugin ${plugin.command} gave no credential`, { hint: hintOf(plugin) })
}

const given = ({ apiVersion, env }: CredentialPlugin): Record<string, string> => ({
  KUBERNETES_EXEC_INFO: JSON.stringify({
    apiVersion: apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false },
  }),
  ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
})

const start = (plugin: CredentialPlugin, env: NodeJS.ProcessEnv, deadline: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { env, signal: deadline, maxBuffer: 1024 * 1024 }
    const child = execFile(plugin.command, [...(plugin.args ?? [])], options, (error, stdout, stderr) => {
      if (error)
        reject(new UserError(complaint(plugin, error, stderr, deadline), { hint: hintOf(plugin), cause: error }))
      else resolve(stdout)
    })
    child.stdin?.end()
  })

const complaint = ({ command }: CredentialPlugin, error: ExecFileException, stderr: string, deadline: AbortSignal) => {
  if (deadline.aborted) return `The credential plugin ${command} gave no answer in time`
  if (error.code === 'ENOENT') return `The credential plugin ${command} is not installed`
  const said = stderr.replace(/\s+/g, ' ').trim().slice(0, 300)
  return `The credential plugin ${command} failed${said === '' ? '' : `: ${said}`}`
}

const hintOf = ({ command, args, installHint }: CredentialPlugin): string =>
  installHint?.trim() || `The kubeconfig names it. Run it by hand to see why: ${[command, ...(args ?? [])].join(' ')}`

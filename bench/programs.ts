import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { dynamo, kubeconfigs, names, stack } from '../test/lab/api.ts'
import { program } from '../test/lab/programs.ts'
import type { Command } from './measure.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** This Node with these arguments. */
export const node = (...args: readonly string[]): Command => ({ file: process.execPath, args })

/** The built command, as a user starts it. */
export const dynamoMetrics = (...args: readonly string[]): Command => node(here('../bin/run.js'), ...args)

export const doctor = (kubeconfig: string, ...flags: readonly string[]): Command =>
  dynamoMetrics('doctor', '--kubeconfig', kubeconfig, ...flags)

export const kubectl = (kubeconfig: string, folder: string, ...args: readonly string[]): Command => ({
  file: program('kubectl'),
  args,
  env: { KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, 'kube-cache') },
})

/** The documented checklist by kubectl, helm and curl; `folder` takes kubectl's cache of what the server serves. */
export const byHand = (kubeconfig: string, folder: string): Command => ({
  file: 'bash',
  args: [here('by-hand.sh')],
  env: {
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(folder, 'kube-cache'),
    PATH: `${dirname(program('kubectl'))}:${process.env.PATH}`,
    OPERATOR_NAMESPACE: dynamo.namespace,
    STACK_NAMESPACE: stack.namespace,
    STACK_RELEASE: stack.release,
    PROMETHEUS_POD: names.prometheusPod,
    GRAFANA: names.grafana,
    DASHBOARD: names.dashboardUid,
  },
})

/** The same requests by plain node:https, as the file `plan` tells them. */
export const floor = (plan: string): Command => node(here('floor.mjs'), plan)

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { server: string } }]
  readonly users: readonly [{ readonly user: { readonly token: string } }]
}

const administrator = (): Kubeconfig => parse(readFileSync(kubeconfigs.admin, 'utf8'))

export const administratorToken = (): string => administrator().users[0].user.token

/** A copy of the administrator's kubeconfig that goes to a port of loopback; the server's certificate names it too. */
export const kubeconfigFor = (port: number, folder: string): string => {
  const config = administrator()
  config.clusters[0].cluster.server = `https://127.0.0.1:${port}`
  const file = join(folder, `kubeconfig-${port}`)
  writeFileSync(file, stringify(config), { mode: 0o600 })
  return file
}

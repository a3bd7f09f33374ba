import { execFileSync } from 'node:child_process'
import { parseAllDocuments } from 'yaml'
import type { Service, ServiceMonitor, Workload } from '../../src/model/kubernetes.ts'
import { type Era, repository } from '../lab/layout.ts'
import { program, unpackHelmAndKubectl } from '../lab/programs.ts'

export interface Rendered {
  readonly workloads: readonly Workload[]
  readonly services: readonly Service[]
  readonly monitors: readonly ServiceMonitor[]
}

/** What the cluster that the chart is rendered for has. */
export const withMonitoring = ['--api-versions', 'monitoring.coreos.com/v1']

/** What Helm itself prints for one of the lab's charts, `--set` and other flags included. */
export const renderedText = (chart: string, release: string, ...flags: readonly string[]): string => {
  unpackHelmAndKubectl()
  const args = ['template', release, `${repository}/test/lab/charts/${chart}`, ...flags]
  return execFileSync(program('helm'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

/** The objects of the platform of an era that count here. */
export const rendered = (era: Era, release: string, ...flags: readonly string[]): Rendered => {
  const yaml = renderedText(`dynamo-platform-${era}`, release, '--namespace', 'inference', ...flags)
  const objects = parseAllDocuments(yaml).map(document => document.toJS() as { readonly kind: string } | null)
  const of = <T>(kind: string) => objects.filter(object => object?.kind === kind) as T[]
  return { workloads: of('Deployment'), services: of('Service'), monitors: of('ServiceMonitor') }
}

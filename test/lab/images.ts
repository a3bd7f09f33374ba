import path from 'node:path'
import type { V1Container } from '@kubernetes/client-node'
import { cache, repository } from './layout.ts'
import { program } from './programs.ts'

interface Image {
  readonly matches: RegExp
  /** Only this container of the image has a program. */
  readonly container?: string
  readonly command: (tag: string) => readonly string[]
}

const standIn = (name: string) => () => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  path.join(import.meta.dirname, 'stand-ins', `${name}.ts`),
]

/** Which program of this machine stands for which image. Any other container exists on paper only. */
const images: readonly Image[] = [
  { matches: /\/prometheus-config-reloader:/, command: () => [program('prometheus-config-reloader')] },
  { matches: /\/prometheus-operator:/, command: () => [program('prometheus-operator')] },
  { matches: /prometheus\/prometheus:/, command: () => [program('prometheus')] },
  { matches: /k8s-sidecar:/, command: standIn('sidecar') },
  { matches: /grafana\/grafana:/, command: standIn('grafana') },
  { matches: /kube-rbac-proxy:/, command: standIn('kube-rbac-proxy') },
  {
    matches: /kubernetes-operator:/,
    container: 'manager',
    command: tag => [...standIn('dynamo-operator')(), `--version=${tag}`],
  },
]

export function commandFor(container: V1Container): readonly string[] | undefined {
  const found = images.find(
    image => image.matches.test(container.image ?? '') && (image.container ?? container.name) === container.name,
  )
  return found?.command(container.image?.split(':').at(-1) ?? '')
}

/** What a program needs to see of the host besides /usr: the lab's own files, the built programs, and Node. */
export const hostFolders: readonly string[] = [
  repository,
  cache,
  path.dirname(process.execPath),
  ...(process.env.KUBEBUILDER_ASSETS ? [process.env.KUBEBUILDER_ASSETS] : []),
].filter(folder => !folder.startsWith('/usr/'))

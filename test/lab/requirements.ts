import { execFileSync } from 'node:child_process'
import { eras } from './layout.ts'

/** What the machine must bring: program -> the Debian package that holds it. The one list; the README points here. */
export const hostPrograms: Record<string, string> = {
  ip: 'iproute2',
  openssl: 'openssl',
  unshare: 'util-linux',
  mount: 'mount',
  unzip: 'unzip',
}

export class LabError extends Error {}

/** Says everything that is missing at once, in one line, before anything is started. */
export function requireHost(needsGo: boolean): void {
  const missing: string[] = []
  if (process.platform !== 'linux') missing.push('Linux')
  if (process.getuid?.() !== 0) missing.push('root (network and mount namespaces need it)')
  if (process.allowedNodeEnvironmentFlags.size === 0 || Number(process.versions.node.split('.')[0]) < 24) {
    missing.push('Node 24 (npm run lab brings it)')
  }
  const packages = Object.entries(hostPrograms).filter(([program]) => !onPath(program))
  if (packages.length > 0) {
    missing.push(
      `${packages.map(([program]) => program).join(', ')} (apt-get install ${packages.map(p => p[1]).join(' ')})`,
    )
  }
  if (needsGo && !onPath('go'))
    missing.push('Go 1.26 or newer (it builds Kubernetes, etcd, Prometheus, prometheus-operator and kwok once)')
  if (missing.length > 0) throw new LabError(`the lab needs: ${missing.join('; ')}`)
}

export function requireEra(era: string): (typeof eras)[number] {
  const known = eras.find(name => name === era)
  if (!known) throw new LabError(`no such era: ${era} (known: ${eras.join(', ')})`)
  return known
}

function onPath(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

// Names in package-lock.json the platform packages that npm left out. Where a registry does not serve the binary of
// another platform, npm install drops it from the lock file, and npm ci then refuses the whole file, also on the
// platforms whose binaries are there. Run it after every change of the dependencies; a test says when it was forgotten.
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']

/** `@oxc-parser/binding-linux-x64-musl` -> os linux, cpu x64, libc musl. */
const platformOf = name => {
  const words = name.split(/[/-]/)
  const os = systems.find(system => words.includes(system))
  const cpu = processors.find(processor => words.includes(processor))
  const libc = words.some(word => word.startsWith('musl'))
    ? 'musl'
    : words.some(word => word.startsWith('gnu'))
      ? 'glibc'
      : undefined
  return {
    ...(os ? { os: [os] } : {}),
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(os === 'linux' && libc ? { libc: [libc] } : {}),
  }
}

const isLocked = (dependent, name) =>
  [`${dependent}/node_modules/${name}`, `node_modules/${name}`].some(candidate => candidate in lock.packages)

const left = Object.entries(lock.packages).flatMap(([dependent, { optionalDependencies = {}, dev }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(dependent, name))
    .map(([name, version]) => [
      `node_modules/${name}`,
      { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true },
    ]),
)

lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...left].sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`${left.length} platform packages added\n`)

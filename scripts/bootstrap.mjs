// Brings a checkout to where it can run: installs what package-lock.json asks for, builds what src/ says. It runs on
// the machine's own Node, which may be an old one: built-in modules only, nothing newer than Node 18.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sourcesHash } from './sources-hash.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))
/** The Node that the project brings along as a devDependency. */
export const node = join(root, 'node_modules/.bin/node')

export const bootstrap = () => {
  if (!isInstalled()) {
    say('installing dependencies ...')
    runOrExit('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  }
  if (!isBuilt()) {
    say('building ...')
    runOrExit(node, ['scripts/build.mjs'])
  }
}

/** Runs a program of this checkout in the foreground and gives its exit code, 128 + n where signal n ended it. */
export const run = (program, args, options = {}) => {
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    ...options,
    env: { ...process.env, PATH: path, ...options.env },
  })
  if (error) throw error
  return status ?? (signal === 'SIGINT' ? 130 : 143)
}

const runOrExit = (program, args) => {
  // What an installation or a build prints is not this program's output.
  const status = run(program, args, { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status)
}

const say = text => process.stderr.write(`dynamo-metrics: ${text}\n`)

/** Whether node_modules holds what the lock file says; npm writes down what it installed. */
const isInstalled = () => {
  const installed = readJson('node_modules/.package-lock.json')
  const wanted = readJson('package-lock.json')
  return (
    installed !== undefined &&
    existsSync(node) &&
    Object.entries(wanted.packages).every(
      ([path, { version, optional }]) => path === '' || optional || installed.packages[path]?.version === version,
    )
  )
}

const isBuilt = () => {
  const builtFrom = join(root, 'dist/built-from')
  return (
    existsSync(builtFrom) &&
    existsSync(join(root, 'oclif.manifest.json')) &&
    readFileSync(builtFrom, 'utf8') === sourcesHash(root)
  )
}

const readJson = path => (existsSync(join(root, path)) ? JSON.parse(readFileSync(join(root, path), 'utf8')) : undefined)

if (process.argv[1] === fileURLToPath(import.meta.url)) bootstrap()

// Loads dist/program.js with the code that V8 made of it in earlier runs. Node's own compile cache keeps a file as it is
// when it was just compiled, which is without its functions: those are compiled when they are first called, in each run
// anew. What is kept here is kept at the end of a run, with all functions that it called; see docs/decisions/0001.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire, enableCompileCache, getCompileCacheDir } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getHeapSpaceStatistics } from 'node:v8'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const file = join(dist, 'program.js')

/** A folder of this user's own: what is kept there is run. Node itself has asked for NODE_COMPILE_CACHE before. */
const cacheHome = () =>
  process.env.XDG_CACHE_HOME || (process.platform === 'win32' && process.env.LOCALAPPDATA) || join(homedir(), '.cache')

/** Each command calls functions of its own, and what it does not call would cost it time. */
const cacheFile = () => {
  // A user may have a home that is not there, as in a container: it is not made.
  if (existsSync(dirname(cacheHome()))) enableCompileCache(join(cacheHome(), 'dynamo-metrics'))
  // A folder in it for this Node and this user; none where the cache is switched off or cannot be written.
  const folder = getCompileCacheDir()
  const [word = ''] = process.argv.slice(2)
  const isCommand = /^[a-z]+$/.test(word) && [word, `${word}.js`].some(name => existsSync(join(dist, 'commands', name)))
  return folder === undefined ? undefined : join(folder, `dynamo-metrics-${isCommand ? word : 'start'}`)
}

const headerBytes = 96

/** Of the source V8 compares the length alone, and of what it made of it nothing. */
const headerOf = (data, bytecode) =>
  `${readFileSync(join(dist, 'built-from'), 'utf8')} ${crc32(data)} ${bytecode}`.padEnd(headerBytes)

/** What an earlier run of this very build has kept, whole. */
const kept = path => {
  try {
    const content = readFileSync(path)
    const data = content.subarray(headerBytes)
    const header = content.toString('latin1', 0, headerBytes)
    const bytecode = Number(header.split(' ')[2])
    return header === headerOf(data, bytecode) ? { data, bytecode } : undefined
  } catch {
    return undefined
  }
}

/** To write takes some 40 ms, which a run is only worth that called functions no run before it had called. */
const enough = 1.03

/** Bytes of where V8 puts what it compiles, Node's own functions too: to add up the functions alone would take 5 ms. */
const compiled = () =>
  getHeapSpaceStatistics()
    .filter(({ space_name }) => space_name.startsWith('trusted_'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0)

const keep = (script, path, before) => {
  const bytecode = compiled()
  if (before !== undefined && bytecode <= before * enough) return
  const data = script.createCachedData()
  const unfinished = `${path}.${process.pid}`
  try {
    writeFileSync(unfinished, Buffer.concat([Buffer.from(headerOf(data, bytecode)), data]), { mode: 0o600 })
    renameSync(unfinished, path)
  } catch {
    // A full or read-only disk.
  }
}

const interrupted = new Set([130, 143])

const load = () => {
  const path = cacheFile()
  const found = path === undefined ? undefined : kept(path)
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: found?.data })
  const before = script.cachedDataRejected ? undefined : found?.bytecode
  if (path !== undefined) process.on('exit', code => interrupted.has(code) || keep(script, path, before))
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dist, url => import(url))
  return module.exports
}

/** `start`, and the commands by their ids, each loaded by its call. */
export const { start, commands } = load()

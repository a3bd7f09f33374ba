// What a registry would get: publint reads package.json, attw what the packed tarball resolves to. A command-line
// program has no entry point to import, so attw only has to find that none is promised.
import { run } from './bootstrap.mjs'

const failed = [
  run('publint', ['--strict']),
  run('attw', ['--pack', '--profile', 'esm-only', '--format', 'table']),
].filter(status => status !== 0)
process.exitCode = failed.length > 0 ? 1 : 0

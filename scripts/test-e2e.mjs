// `npm run test:e2e`: the faults of test/e2e and their fixes, one after the other, in the lab. `--all` takes every one.
import { bootstrap, run } from './bootstrap.mjs'

const args = process.argv.slice(2)
bootstrap()
process.exitCode = run('vitest', ['run', '--project', 'e2e', ...args.filter(arg => arg !== '--all')], {
  env: args.includes('--all') ? { E2E_ALL: '1' } : {},
})

// `npm test`: sets up what is missing and runs every test that needs no cluster.
import { bootstrap, run } from './bootstrap.mjs'

bootstrap()
process.exitCode = run('vitest', ['run', '--project', 'unit', ...process.argv.slice(2)])

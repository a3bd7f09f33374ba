// `npm start`: sets up what is missing and runs the command. Without arguments it shows the demo, whose cluster is
// broken on purpose: finding the fault is its success.
import { bootstrap, node, root, run } from './bootstrap.mjs'

const args = process.argv.slice(2)
bootstrap()
const status = run(node, [`${root}bin/run.js`, ...(args.length > 0 ? args : ['doctor', '--demo'])], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
})

if (args.length > 0) process.exitCode = status
else if (status === 1) {
  process.stderr.write(
    '\nThat was the demo: a recorded cluster with a fault in it, which was found. On your own cluster: npm start -- doctor\n',
  )
} else {
  process.stderr.write(`\nThe demo should have found a fault (exit code 1), but it ended with ${status}.\n`)
  process.exitCode = status || 1
}

#!/usr/bin/env node
// Must parse on every Node since 12: what an older one does not know stands behind the question for its version.
// `needed` repeats `engines` of package.json; a test keeps the two equal.
const needed = '22.19.0'

const isOlder = (version, than) => {
  const [a, b] = [version, than].map(text => text.split('.').map(Number))
  const differing = b.findIndex((part, index) => a[index] !== part)
  return differing !== -1 && a[differing] < b[differing]
}

const start = async () => {
  const { start } = await import('./bundle.js')
  await start(process.argv.slice(2), new URL('..', import.meta.url))
}

if (isOlder(process.versions.node, needed)) {
  process.stderr.write(`dynamo-metrics needs Node.js ${needed} or newer; this is ${process.versions.node}.\n`)
  process.exitCode = 2
} else {
  start()
}

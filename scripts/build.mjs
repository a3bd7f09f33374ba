// Bundles src/ into dist/, an entry a command, and writes oclif.manifest.json, so that a run loads one command and
// reads no folder. Nothing is minified: a stack trace in a bug report must name our functions.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sourcesHash } from './sources-hash.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
/** Where the next one grows: a build that fails leaves the last one standing. */
const next = join(root, 'node_modules/.cache/dynamo-metrics-dist')

const commandEntries = () =>
  Object.fromEntries(
    readdirSync(join(root, 'src/commands'), { recursive: true })
      .filter(file => file.endsWith('.ts'))
      .map(file => [`commands/${file.slice(0, -'.ts'.length)}`, `src/commands/${file}`]),
  )

/** CommonJS packages in an ES module bundle still ask for these three. */
const commonJsNames = `import { createRequire as $createRequire } from 'node:module'
const require = $createRequire(import.meta.url)
const __filename = import.meta.filename
const __dirname = import.meta.dirname`

/**
 * oclif asks on every start whether it runs in WSL, which takes longer than to read the arguments. Nothing here behaves
 * differently there, so it is told no.
 */
const notWsl = {
  name: 'not-wsl',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^wsl-utils$/ }, ({ path }) => ({ path, namespace: 'not-wsl' }))
    onLoad({ filter: /.*/, namespace: 'not-wsl' }, () => ({ contents: 'export const isWsl = false' }))
  },
}

/**
 * client-node's KubeConfig brings an HTTP client and every generated API type along. The doctor sends its requests by
 * node:http itself and asks KubeConfig only who and where, so neither is ever called: 1 MB less to load.
 */
const neverCalled = {
  name: 'never-called',
  setup(build) {
    const toNothing = { path: 'never-called', namespace: 'never-called' }
    build.onResolve({ filter: /^undici$/ }, () => toNothing)
    build.onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer }) =>
      /client-node\/dist\/config\.js$/.test(importer) ? toNothing : undefined,
    )
    const names = ['Agent', 'ProxyAgent', 'createConfiguration', 'ServerConfiguration']
    const contents = names.map(
      name => `export class ${name} { constructor() { throw new Error('${name} was left out of the bundle') } }`,
    )
    build.onLoad({ filter: /.*/, namespace: 'never-called' }, () => ({ contents: contents.join('\n') }))
  },
}

/**
 * `import` of node:http reads everything that it exports, and one of these is a getter that makes Node load its whole
 * fetch: 20 ms. `require` reads nothing before it is used.
 */
const requiredHttp = {
  name: 'required-http',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'require-call' ? undefined : { path: 'node:http', namespace: 'required-http' },
    )
    onLoad({ filter: /.*/, namespace: 'required-http' }, () => ({ contents: "module.exports = require('node:http')" }))
  },
}

/** client-node loads its SOCKS agent, 190 KB, whether or not a proxy is named. */
const socksWhenNamed = {
  name: 'socks-when-named',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^socks-proxy-agent$/ }, ({ kind, path }) =>
      kind === 'require-call' ? undefined : { path, namespace: 'socks-when-named' },
    )
    onLoad({ filter: /.*/, namespace: 'socks-when-named' }, () => ({
      resolveDir: root,
      contents: `export function SocksProxyAgent(...options) {
        return new (require('socks-proxy-agent').SocksProxyAgent)(...options)
      }`,
    }))
  },
}

/**
 * The dashboards are made by builders that take longer to load than a command takes to run. They depend on nothing but
 * the sources, so what comes of them is bundled.
 */
const evaluatedDashboards = {
  name: 'evaluated-dashboards',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/src\/dynamo\/dashboards\.ts$/ }, async ({ path }) => {
      const { dashboards } = await import(path)
      return { contents: `export const dashboards = ${JSON.stringify(dashboards)}` }
    })
  },
}

const bundle = async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { start: 'src/command-line/start.ts', ...commandEntries() },
    outdir: next,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: commonJsNames },
    legalComments: 'none',
    plugins: [notWsl, neverCalled, requiredHttp, socksWhenNamed, evaluatedDashboards],
    metafile: true,
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs)
}

/** The licence texts of what was bundled: their terms ask that they travel along. */
const writeLicences = inputs => {
  const packages = new Set(inputs.flatMap(file => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []))
  const texts = [...packages].sort().map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const file = readdirSync(join(root, folder)).find(candidate => /^licen[cs]e/i.test(candidate))
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(root, folder, file), 'utf8').trim() : ''}\n`
  })
  writeFileSync(join(next, 'third-party-licences.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
}

const writeManifest = async () => {
  process.env.NODE_ENV = 'production' // oclif would look for TypeScript sources otherwise
  const { Plugin } = await import('@oclif/core/config')
  const plugin = new Plugin({
    errorOnManifestCreate: true,
    ignoreManifest: true,
    respectNoCacheDefault: true,
    root,
    type: 'core',
  })
  await plugin.load()
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`)
}

const hash = sourcesHash(root)
rmSync(next, { recursive: true, force: true })
// What is wrong esbuild has said already.
const inputs = await bundle().catch(() => process.exit(1))
mkdirSync(join(next, 'demo'), { recursive: true })
if (existsSync(join(root, 'src/demo'))) cpSync(join(root, 'src/demo'), join(next, 'demo'), { recursive: true })
writeLicences(inputs)
rmSync(dist, { recursive: true, force: true })
rmSync(join(root, 'oclif.manifest.json'), { force: true })
renameSync(next, dist)
await writeManifest()
writeFileSync(join(dist, 'built-from'), hash)

// Bundles src/ into dist/program.js and writes oclif.manifest.json, so that a run reads no folder. Nothing is minified: a
// stack trace in a bug report must name our functions.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sourcesHash } from './sources-hash.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
/** Where the next one grows: a build that fails leaves the last one standing. */
const next = join(root, 'node_modules/.cache/dynamo-metrics-dist')

/** The path of each command by its id, as oclif writes it: `dashboard:apply`. */
const commandFiles = readdirSync(join(root, 'src/commands'), { recursive: true })
  .filter(file => file.endsWith('.ts'))
  .map(file => file.slice(0, -'.ts'.length).split(sep))
  .map(names => ({ id: names.join(':'), path: names.join('/') }))

/** What is imported by a call is made by that call, in one file too: a run makes one command. */
const entry = `export { start } from './src/command-line/start.ts'
export const commands = {
${commandFiles.map(({ id, path }) => `  '${id}': () => import('./src/commands/${path}.ts'),`).join('\n')}
}`

/** oclif looks for a file a command. */
const writeCommands = () => {
  for (const { id, path } of commandFiles) {
    const file = join(next, 'commands', `${path}.js`)
    mkdirSync(dirname(file), { recursive: true })
    const bundle = `${'../'.repeat(path.split('/').length + 1)}bin/bundle.js`
    writeFileSync(file, `import { commands } from '${bundle}'\n\nexport default (await commands['${id}']()).default\n`)
  }
}

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
    const isItsConfig = file => /client-node\/dist\/config\.js$/.test(file)
    const toNothing = { path: 'never-called', namespace: 'never-called' }
    build.onResolve({ filter: /^undici$/ }, () => toNothing)
    build.onResolve({ filter: /^socks$/ }, ({ importer }) => (isItsConfig(importer) ? toNothing : undefined))
    build.onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer }) =>
      isItsConfig(importer) ? toNothing : undefined,
    )
    const names = ['Agent', 'ProxyAgent', 'SocksClient', 'createConfiguration', 'ServerConfiguration']
    const contents = names.map(
      name => `export class ${name} { constructor() { throw new Error('${name} was left out of the bundle') } }`,
    )
    build.onLoad({ filter: /.*/, namespace: 'never-called' }, () => ({ contents: contents.join('\n') }))
  },
}

/**
 * Loaded by the first call instead of with the module that imports it: client-node's SOCKS agent, 190 KB, which only a
 * proxy needs, the writer of YAML, 260 KB, which only a fix needs, and what starts programs, which only a login by one needs.
 */
const calledSeldom = {
  'socks-proxy-agent': {
    by: /client-node/,
    contents: `export function SocksProxyAgent(...options) {
      return new (require('socks-proxy-agent').SocksProxyAgent)(...options)
    }`,
  },
  'node:child_process': {
    by: /client-node|\/src\/cluster\/credential-plugin\.ts$/,
    contents: `const later = name => (...options) => require('node:child_process')[name](...options)
      export const execFile = later('execFile')
      export default { spawn: later('spawn'), spawnSync: later('spawnSync'), execSync: later('execSync') }`,
  },
  yaml: {
    by: /\/src\/(report\/commands-of-fix|report\/object-diff|grafana\/data-source-file)\.ts$/,
    contents: `export const parse = (...options) => require('yaml').parse(...options)
      export const stringify = (...options) => require('yaml').stringify(...options)`,
  },
}
const loadedWhenCalled = {
  name: 'loaded-when-called',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: new RegExp(`^(${Object.keys(calledSeldom).join('|')})$`) }, ({ kind, path, importer }) =>
      kind === 'import-statement' && calledSeldom[path].by.test(importer)
        ? { path, namespace: 'loaded-when-called' }
        : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'loaded-when-called' }, ({ path }) => ({
      resolveDir: root,
      contents: calledSeldom[path].contents,
    }))
  },
}

/**
 * oclif loads these on every start: two look for command files where there is no manifest, one turns in a spinner that is
 * never shown, one asks Windows for its shell, and one reads an argument from stdin.
 */
const loadedWhenUsed = {
  name: 'loaded-when-used',
  setup: ({ onResolve, onLoad }) => {
    onResolve(
      { filter: /^(minimatch|tinyglobby|cli-spinners|node:(child_process|readline))$/ },
      ({ path, namespace, importer }) =>
        namespace !== 'loaded-when-used' && /@oclif\/core\/lib\//.test(importer)
          ? { path, namespace: 'loaded-when-used' }
          : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'loaded-when-used' }, ({ path }) => ({
      resolveDir: root,
      contents: `const load = () => require('${path}')
        module.exports = new Proxy({}, { get: (_, name) => name === '__esModule' ? undefined : load()[name] })`,
    }))
  },
}

/** oclif sorts its commands by the language's rules, which ICU reads from its tables for 8 ms. Ours are plain ASCII. */
const plainSort = {
  name: 'plain-sort',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@oclif\/core\/lib\/config\/plugin\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      const contents = source.replace('a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)')
      if (contents === source)
        throw new Error('oclif sorts its commands in another way now: is plainSort still needed?')
      return { contents }
    })
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

/** Stays a package of its own: it is 0.5 MB, which every run would read for one of the formats. */
const seldomWanted = ['junit-report-builder']

const bundle = async () => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root, sourcefile: 'commands' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    write: false,
    legalComments: 'none',
    external: seldomWanted,
    plugins: [notWsl, neverCalled, loadedWhenCalled, loadedWhenUsed, plainSort, evaluatedDashboards],
    metafile: true,
    logLevel: 'warning',
  })
  // A script is told what `import` means, as it is no module: oclif imports plugins and commands by it. What esbuild leaves
  // of other characters stands in regular expressions and comments: in ASCII V8 holds half as much, and reads it sooner.
  const program = outputFiles[0].text
    .replaceAll('await import(', 'await $import(')
    .replaceAll(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  writeFileSync(
    join(next, 'program.js'),
    `(function (exports, require, module, __filename, __dirname, $import) {${program}})`,
  )
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
mkdirSync(join(next, 'demo'), { recursive: true })
// What is wrong esbuild has said already.
const inputs = await bundle().catch(() => process.exit(1))
if (existsSync(join(root, 'src/demo'))) cpSync(join(root, 'src/demo'), join(next, 'demo'), { recursive: true })
writeLicences(inputs)
writeCommands()
rmSync(dist, { recursive: true, force: true })
rmSync(join(root, 'oclif.manifest.json'), { force: true })
renameSync(next, dist)
await writeManifest()
writeFileSync(join(dist, 'built-from'), hash)

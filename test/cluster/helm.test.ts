import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chartIdentity, rollBack, upgradeRelease } from '../../src/cluster/helm.ts'
import type { Upgrade } from '../../src/cluster/writer.ts'

let folder = ''
const file = (name: string) => join(folder, name)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

/** A program that stands for Helm: it tells the version it is given, keeps its words, and does what the script says. */
const standIn = async (version: string, script: string): Promise<void> => {
  await mkdir(file('bin'))
  const tells = `[ "$1" = version ] && { printf %s '${version}'; exit; }`
  const keeps = `printf '%s\\n' "$@" > '${file('words')}'`
  await writeFile(file('bin/helm'), ['#!/bin/sh', tells, keeps, script, ''].join('\n'))
  await chmod(file('bin/helm'), 0o755)
}

const words = async (): Promise<readonly string[]> => (await readFile(file('words'), 'utf8')).trimEnd().split('\n')

const where = { kubeconfig: '/etc/kube/config', context: 'lab-eu', as: 'jane', asGroups: ['ops', 'dev'] }
const optionsOf = () => ({
  env: { PATH: `${file('bin')}${delimiter}${process.env.PATH}` },
  timeoutMs: 1000,
  helmTimeoutMs: 90_400,
})
const options = () => ({ ...where, ...optionsOf() })

const upgrade: Upgrade = {
  release: { namespace: 'inference', name: 'dyn' },
  reference: './dynamo-platform',
  version: '1.4.2',
  set: { 'operator.enabled': true, 'labels.a\\.b/c': 'true' },
  description: 'dynamo-metrics a1b2',
}
const printing = (output: string) => `cat <<'END'\n${output}\nEND`
const target = [
  ...['--kubeconfig', '/etc/kube/config', '--kube-context', 'lab-eu'],
  ...['--kube-as-user', 'jane', '--kube-as-group', 'ops', '--kube-as-group', 'dev'],
]
const changing = [
  ...['upgrade', 'dyn', './dynamo-platform', '--namespace', 'inference', '--version', '1.4.2'],
  ...['--reset-then-reuse-values', '--set-json', 'operator.enabled=true', '--set-json', 'labels.a\\.b/c="true"'],
]
const upgrading = [...changing, '--description', 'dynamo-metrics a1b2', '--output', 'json']

describe('the words for Helm', () => {
  it.each<[version: string, rollback: string]>([
    ['v3.14.0', '--atomic'],
    ['v3.19.2+g1234567', '--atomic'],
    ['v4.1.4', '--rollback-on-failure'],
  ])('of an upgrade, %s: %s', async (version, rollback) => {
    await standIn(version, printing('{"manifest":"kind: Service\\n"}'))
    expect(await upgradeRelease(options(), upgrade, 'for-real')).toEqual({
      ok: true,
      value: { manifest: 'kind: Service\n', command: ['helm', ...changing, rollback, '--wait'] },
    })
    expect(await words()).toEqual([...upgrading, rollback, '--wait', '--timeout', '90s', ...target])
  })

  it('of one that is only tried', async () => {
    await standIn('v3.16.0', printing('{"manifest":""}'))
    expect(await upgradeRelease(options(), upgrade, 'dry-run')).toEqual({
      ok: true,
      value: { manifest: '', command: ['helm', ...changing, '--atomic', '--wait'] },
    })
    expect(await words()).toEqual([...upgrading, '--dry-run=server', ...target])
  })

  it.each(['v3.13.3', 'v2.17.0', 'none'])('there are none for %s', async version => {
    await standIn(version, printing('{}'))
    expect(await upgradeRelease(options(), upgrade, 'for-real')).toMatchObject({ failure: { why: 'no-helm' } })
    await expect(words()).rejects.toThrow('ENOENT')
  })

  it('of a rollback', async () => {
    await standIn('v3.19.2', '')
    expect(await rollBack(options(), upgrade.release, 7, 'for-real')).toEqual({ ok: true, value: undefined })
    const rollback = ['rollback', 'dyn', '7', '--namespace', 'inference', '--wait', '--timeout', '90s']
    expect(await words()).toEqual([...rollback, ...target])
  })

  it.each([
    ['oci://charts.example/dynamo-platform', '1.4.2', ['--version', '1.4.2']],
    ['./dynamo-platform', undefined, []],
  ])('of a chart, which asks no cluster: %s', async (reference, version, more) => {
    await standIn('v4.1.4', printing('name: dynamo-platform\nversion: 1.4.2'))
    expect(await chartIdentity(options(), reference, version)).toEqual({
      ok: true,
      value: { name: 'dynamo-platform', version: '1.4.2' },
    })
    expect(await words()).toEqual(['show', 'chart', reference, ...more])
  })
})

describe('what Helm says', () => {
  it.each<[why: string, stderr: string, message: string]>([
    [
      'busy',
      'level=INFO msg="x"\nError: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
      'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
    ],
    [
      'conflict',
      'WARNING: x\nError: UPGRADE FAILED: conflict with "kubectl-label" using v1:\n.metadata.labels.release',
      'Error: UPGRADE FAILED: conflict with "kubectl-label" using v1: .metadata.labels.release',
    ],
    ['refused', 'Error: admission webhook "a.b" denied the request: no', 'denied the request'],
    ['forbidden', 'Error: services is forbidden: User "jane" cannot patch', 'cannot patch'],
    ['gone', 'Error: UPGRADE FAILED: release: not found', 'not found'],
    ['unanswered', 'Error: UPGRADE FAILED: context deadline exceeded', 'deadline'],
    ['failed', 'Error: timed out waiting for the condition', 'timed out'],
  ])('%s', async (why, stderr, message) => {
    await standIn('v4.1.4', `cat >&2 <<'END'\n${stderr}\nEND\nexit 1`)
    const done = await upgradeRelease(options(), upgrade, 'for-real')
    expect(done).toMatchObject({ ok: false, failure: { why, message: expect.stringContaining(message) } })
  })

  it('is nothing where it is killed', async () => {
    await standIn('v4.1.4', 'kill -9 $$')
    const done = await upgradeRelease(options(), upgrade, 'for-real')
    expect(done).toMatchObject({ failure: { why: 'failed', message: expect.stringContaining('SIGKILL') } })
  })

  it('is nothing where there is none', async () => {
    const env = { PATH: file('bin') }
    const done = await chartIdentity({ ...options(), env }, './x', undefined)
    expect(done).toMatchObject({ failure: { why: 'no-helm' } })
  })

  it('has nowhere to be written', async () => {
    vi.stubEnv('TMPDIR', file('nowhere'))
    await standIn('v4.1.4', '')
    const done = await upgradeRelease(options(), upgrade, 'for-real')
    expect(done).toMatchObject({ failure: { why: 'no-helm', message: expect.stringContaining('nowhere to write') } })
  })

  it('is long, and leaves no file behind', async () => {
    await mkdir(file('tmp'))
    vi.stubEnv('TMPDIR', file('tmp'))
    await standIn('v4.1.4', `printf '{"manifest":"'; head -c 3000000 /dev/zero | tr '\\0' x; printf '"}'`)
    const done = await upgradeRelease(options(), upgrade, 'for-real')
    expect(done.ok && done.value.manifest).toHaveLength(3_000_000)
    expect(await readdir(file('tmp'))).toEqual([])
  })
})

/** Helm that is ended in the middle leaves a release that is locked. */
describe('Helm ends its work', () => {
  const helmModule = fileURLToPath(new URL('../../src/cluster/helm.ts', import.meta.url))

  it.each<[how: string, end: (pid: number) => void]>([
    ['this process is killed', pid => process.kill(pid, 'SIGKILL')],
    ['Ctrl-C goes to all of its terminal', pid => process.kill(-pid, 'SIGINT')],
  ])('although %s', async (_how, end) => {
    await promisify(execFile)('mkfifo', [file('news'), file('go')])
    const news = await open(file('news'), 'r+')
    const go = await open(file('go'), 'r+')
    const next = async () => String((await news.read({ buffer: Buffer.alloc(64) })).buffer).replace(/\0+$/, '')
    const work = [`echo begun > '${file('news')}'`, `read -r _ < '${file('go')}'`, 'echo a line >&2', 'echo {}']
    await standIn('v4.1.4', [...work, `echo ended > '${file('news')}'`].join('\n'))
    const program = `import { upgradeRelease } from ${JSON.stringify(helmModule)}
      await upgradeRelease(${JSON.stringify(options())}, ${JSON.stringify(upgrade)}, 'for-real')`
    const doctor = spawn(process.execPath, ['--input-type=module', '--eval', program], { detached: true })
    const exit = once(doctor, 'exit')
    try {
      expect(await next()).toBe('begun\n')
      end(doctor.pid ?? 0)
      expect((await exit).at(1)).toMatch(/SIG(KILL|INT)/)
      await go.write('\n')
      expect(await next()).toBe('ended\n')
    } finally {
      doctor.kill('SIGKILL')
      await news.write('over\n')
      await Promise.all([news.close(), go.close()])
    }
  })
})

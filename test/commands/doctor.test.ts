import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { dynamoMetrics, fixture, program } from './run-command.ts'

const faulty = ['doctor', '--offline', '--manifests', fixture('port-mismatch.yaml')]
const empty = ['doctor', '--snapshot', fixture('empty.snapshot')]

const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the verdict of the doctor', () => {
  it('is faulty, with the cause on stdout and exit code 1', async () => {
    const { exitCode, stdout, stderr } = await dynamoMetrics([...faulty, '--allow-unknown', 'all'])
    expect([exitCode, stderr]).toEqual([1, ''])
    expect(stdout).toContain('monitor/port-mismatch')
    expect(stdout).toMatch(/monitor ─╳─ scrape/)
  })

  it('is the same in JSON, with the same exit code', async () => {
    const { exitCode, stdout } = await dynamoMetrics([...faulty, '--output', 'json'])
    const report = JSON.parse(stdout) as Report
    expect([exitCode, report.exitCode, report.verdict]).toEqual([1, 1, 'faulty'])
    expect(report.causes.map(({ code }) => code)).toContain('monitor/port-mismatch')
  })

  it('is incomplete, with exit code 3, where nothing was recorded', async () => {
    const { exitCode, stdout } = await dynamoMetrics(empty)
    expect(exitCode).toBe(3)
    expect(stdout).not.toContain('✔')
  })

  it('does not fail with --fail-on never, nor without the cause', async () => {
    expect((await dynamoMetrics([...faulty, '--fail-on', 'never', '--allow-unknown', 'all'])).exitCode).toBe(0)
    expect(
      (await dynamoMetrics([...faulty, '--skip', 'monitor/port-mismatch', '--allow-unknown', 'all'])).exitCode,
    ).toBe(0)
  })

  it('can be of manifests from stdin', async () => {
    const stdin = readFileSync(fixture('port-mismatch.yaml'), 'utf8')
    expect((await dynamoMetrics(['doctor', '--offline', '--manifests', '-'], { stdin })).exitCode).toBe(1)
  })
})

describe('--suppress', () => {
  const accepted = 'monitor/port-mismatch: the next chart mends it until 2999-12-31'
  const suppressing = (rule: string) =>
    dynamoMetrics([...faulty, '--suppress', rule, '--allow-unknown', 'all', '--output', 'json'])

  it('takes a finding out of the verdict, and says so', async () => {
    const { exitCode, stdout } = await suppressing(accepted)
    const { verdict, suppressed, causes } = JSON.parse(stdout) as Report
    expect([exitCode, verdict, causes.filter(({ severity }) => severity === 'error')]).toEqual([0, 'healthy', []])
    expect(suppressed).toEqual([
      expect.objectContaining({
        code: 'monitor/port-mismatch',
        subject: expect.objectContaining({ kind: 'ServiceMonitor' }),
        reason: 'the next chart mends it',
        until: '2999-12-31',
      }),
    ])
  })

  it('is told to people too', async () => {
    const { stdout } = await dynamoMetrics([...faulty, '--suppress', accepted, '--allow-unknown', 'all'])
    expect(stdout).toMatch(/Suppressed: .*\n[\s\S]*reason +the next chart mends it \(until 2999-12-31\)/)
  })

  it('does nothing once it is over, and says so', async () => {
    const { exitCode, stdout } = await suppressing('monitor/port-mismatch: for the release until 2020-01-01')
    expect(exitCode).toBe(1)
    expect((JSON.parse(stdout) as Report).notes).toEqual([expect.stringContaining('ended on 2020-01-01')])
  })

  it('does nothing at another object', async () => {
    expect((await suppressing('monitor/port-mismatch@ServiceMonitor/elsewhere/x: y')).exitCode).toBe(1)
  })

  it('can be an annotation of the object', async () => {
    const stdin = readFileSync(fixture('port-mismatch.yaml'), 'utf8').replace(
      /(kind: ServiceMonitor\nmetadata:\n)/,
      '$1  annotations:\n    dynamo-metrics/suppress: "monitor/port-mismatch: the next chart mends it"\n',
    )
    const { exitCode, stdout } = await dynamoMetrics(
      ['doctor', '--offline', '--manifests', '-', '--allow-unknown', 'all', '--output', 'json'],
      { stdin },
    )
    const [one] = (JSON.parse(stdout) as Report).suppressed
    expect([exitCode, one?.annotated?.kind]).toEqual([0, 'ServiceMonitor'])
  })
})

describe('--output', () => {
  it('writes a file, and leaves stdout to the other one', async () => {
    const file = join(folder, 'report.json')
    const { stdout } = await dynamoMetrics([...faulty, '--output', 'text', '--output', `json=${file}`])
    expect(stdout).toContain('monitor/port-mismatch')
    expect((JSON.parse(readFileSync(file, 'utf8')) as Report).verdict).toBe('faulty')
  })

  it('writes one of each in one run, and GitHub’s job summary besides, after what stands there', async () => {
    const [xml, md, summary] = ['report.xml', 'report.md', 'summary.md'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(summary, 'before\n')
    const { exitCode, stdout } = await dynamoMetrics(
      [...faulty, '--output', `junit=${xml}`, '--output', `markdown=${md}`, '--output', 'github'],
      { env: { GITHUB_STEP_SUMMARY: summary } },
    )
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^::error title=monitor\/port-mismatch::/)
    expect(readFileSync(xml, 'utf8')).toContain('type="monitor/port-mismatch"')
    expect(readFileSync(summary, 'utf8')).toBe(`before\n${readFileSync(md, 'utf8')}\n`)
  })

  it('leaves GitHub’s job summary alone where GitHub is not asked for', async () => {
    const summary = join(folder, 'untouched.md')
    await dynamoMetrics(faulty, { env: { GITHUB_STEP_SUMMARY: summary } })
    expect(readdirSync(folder)).not.toContain('untouched.md')
  })

  it('colours only what is asked to be coloured', async () => {
    const sequence = '\u001b['
    expect((await dynamoMetrics(faulty)).stdout).not.toContain(sequence)
    expect((await dynamoMetrics([...faulty, '--color'])).stdout).toContain(sequence)
    expect((await dynamoMetrics(faulty, { env: { FORCE_COLOR: '1' } })).stdout).toContain(sequence)
    expect((await dynamoMetrics(faulty, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain(sequence)
    expect((await dynamoMetrics([...faulty, '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(
      sequence,
    )
  })

  it('falls back to ASCII where the locale shows no more', async () => {
    expect((await dynamoMetrics(faulty, { env: { LC_ALL: 'C' } })).stdout).toMatch(/^[\n -~]*$/)
  })

  it('says no more once the reader has gone, and keeps its exit code', async () => {
    const child = spawn(process.execPath, [program, 'explain'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    expect(await text(child.stderr)).toBe('')
    expect(child.exitCode ?? (await new Promise(resolve => child.once('exit', resolve)))).toBe(0)
  })
})

/** Wrong usage: exit code 2, nothing on stdout, one line of what and one of what to do. */
const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a flag', ['doctor', '--skpi', 'x'], /no flag --skpi\n {2}Did you mean --skip\?/],
  ['a command', ['docter'], /no command docter\n {2}Did you mean doctor\?/],
  ['an argument', ['doctor', 'now'], /doctor takes no such argument/],
  ['an argument after two words', ['dashboard', 'diff', 'now'], /: dashboard diff takes no such argument/],
  [
    'a check',
    [...empty, '--only', 'monitor-selectd'],
    /no area, check or code monitor-selectd\n {2}Did you mean monitor-selected\?/,
  ],
  ['the last part of a code', [...empty, '--skip', 'label-mismatch'], /Did you mean monitor\/label-mismatch\?/],
  ['an unknown to allow', [...empty, '--allow-unknown', 'monitor'], /no check monitor/],
  ['a format', [...empty, '--output', 'jsno'], /no output format jsno\n {2}Did you mean json\?/],
  ['two reports on stdout', [...empty, '--output', 'text', '--output', 'json'], /Only one --output/],
  ['a file that has no name', [...empty, '--output', 'json='], /names no file/],
  [
    'a file that cannot be written',
    [...empty, '--output', 'json=/nowhere/report.json'],
    /cannot be written to \/nowhere\/report.json/,
  ],
  [
    'a suppression without reason',
    [...empty, '--suppress', 'dashboard/missing'],
    /it gives no reason\n {2}Write it like/,
  ],
  ['a suppression of no code', [...empty, '--suppress', 'dashboard/mising: x'], /Did you mean dashboard\/missing\?/],
  [
    'a suppression of what leaves nothing examined',
    [...empty, '--suppress', 'access/unreachable: x'],
    /no code that can be suppressed/,
  ],
  [
    'a wait without unit',
    ['doctor', '--kubeconfig', fixture('kubeconfig.yaml'), '--wait', '5'],
    /--wait 5 is no duration/,
  ],
  ['to wait for a recording', [...empty, '--wait', '5m'], /--wait/],
  ['a level', [...empty, '--fail-on', 'info'], /error, warning, never/],
  ['a duration', ['doctor', '--timeout', '30'], /--timeout 30 is no duration/],
  ['a name without namespace', [...empty, '--prometheus', 'kps'], /--prometheus kps is not NAMESPACE\/NAME/],
  ['an address', [...empty, '--grafana-url', 'grafana:3000'], /no http or https address/],
  ['--offline without manifests', ['doctor', '--offline'], /--manifests/],
  ['a demo case', ['doctor', '--demo-case', 'xyzzy'], /no demo case xyzzy/],
  [
    'a snapshot that is not there',
    ['doctor', '--snapshot', '/nowhere/x.snapshot'],
    /\/nowhere\/x.snapshot cannot be read/,
  ],
  ['a snapshot that is none', ['doctor', '--snapshot', fixture('port-mismatch.yaml')], /is no snapshot/],
  ['a snapshot of a newer version', ['doctor', '--snapshot', fixture('newer.snapshot')], /has format 99/],
  [
    'manifests that are not there',
    ['doctor', '--offline', '--manifests', '/nowhere/x.yaml'],
    /\/nowhere\/x.yaml cannot be read/,
  ],
  [
    'manifests that are not Kubernetes',
    ['doctor', '--offline', '--manifests', fixture('not-kubernetes.yaml')],
    /not-kubernetes.yaml/,
  ],
  ['no kubeconfig', ['doctor'], /KUBECONFIG/],
  ['a kubeconfig that is not there', ['doctor', '--kubeconfig', '/nowhere/kube'], /\/nowhere\/kube/],
  ['a context', ['doctor', '--kubeconfig', fixture('kubeconfig.yaml'), '--context', 'green'], /green/],
]

describe('wrong usage ends with 2, one line and a hint', () => {
  it.each(wrong)('%s', async (_what, args, expected) => {
    const { exitCode, stdout, stderr } = await dynamoMetrics(args)
    expect(stderr).toMatch(expected)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

describe('an API server', () => {
  let hanging: Server
  let kubeconfig = ''

  beforeAll(async () => {
    hanging = createServer(() => {})
    await new Promise<void>(resolve => hanging.listen(0, '127.0.0.1', resolve))
    const { port } = hanging.address() as { port: number }
    kubeconfig = JSON.stringify({
      'current-context': 'blue',
      contexts: [{ name: 'blue', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: { token: 'secret' } }],
    })
    writeFileSync(join(folder, 'kubeconfig'), kubeconfig)
  })
  afterAll(() => hanging.close())

  it('that never answers is a report, in time, with exit code 3', async () => {
    const { exitCode, stdout } = await dynamoMetrics([
      'doctor',
      '--kubeconfig',
      join(folder, 'kubeconfig'),
      '--timeout',
      '500ms',
      '--output',
      'json',
    ])
    const report = JSON.parse(stdout) as Report
    expect([exitCode, report.verdict, report.causes.map(({ code }) => code)]).toEqual([
      3,
      'incomplete',
      ['access/unreachable'],
    ])
  })

  it('that refuses the connection is a report, with exit code 3', async () => {
    const { exitCode, stdout } = await dynamoMetrics(['doctor', '--kubeconfig', fixture('kubeconfig.yaml')])
    expect(exitCode).toBe(3)
    expect(stdout).toContain('access/unreachable')
  })

  it('is waited for no longer than --wait says', async () => {
    const { exitCode, stdout, stderr } = await dynamoMetrics([
      ...['doctor', '--kubeconfig', fixture('kubeconfig.yaml'), '--output', 'json', '--wait', '1ms'],
    ])
    const { waited } = JSON.parse(stdout) as Report
    expect([exitCode, waited?.readings]).toEqual([3, 2])
    expect(stderr).toBe('waiting, 0ms of 1ms: the API server\n')
  })

  it('can be left by SIGINT while it is waited for', async () => {
    const child = spawn(
      process.execPath,
      [program, 'doctor', '--kubeconfig', fixture('kubeconfig.yaml'), '--wait', '10m'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    await new Promise(resolve => child.stderr.once('data', resolve))
    child.kill('SIGINT')
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(130)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that hangs can be left by %s, with exit code %i', async (signal, expected) => {
    const child = spawn(process.execPath, [program, 'doctor', '--kubeconfig', join(folder, 'kubeconfig')], {
      stdio: 'ignore',
    })
    await new Promise(resolve => hanging.once('connection', resolve))
    child.kill(signal)
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(expected)
  })

  it('that does not answer leaves nothing to record', async () => {
    const { exitCode, stdout, stderr } = await dynamoMetrics(['snapshot', '--kubeconfig', fixture('kubeconfig.yaml')], {
      cwd: folder,
    })
    expect([exitCode, stdout]).toEqual([3, ''])
    expect(stderr).toContain('Nothing was recorded')
    expect(readdirSync(folder).filter(file => file.endsWith('.snapshot'))).toEqual([])
  })
})

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Report } from '../../src/model/report.ts'
import { breakLab, dynamo, heal, helm, kubeconfigs, kubectl, names, waitFor } from '../lab/api.ts'
import { imitateAnnotation } from '../lab/layout.ts'
import { program } from '../lab/programs.ts'
import { kubectlWith } from '../lab/tools.ts'
import { doctorProgram, dynamoMetrics, examineSettled } from './doctor.ts'
import { type Interference, type InterferingServer, interfere } from './interfering-server.ts'

/** Its fix makes two objects: a ClusterRole, then its binding. */
const code = 'scrape/forbidden'
const own = ['clusterroles,clusterrolebindings', '-l', 'app.kubernetes.io/managed-by=dynamo-metrics', '-o', 'name']

const made = async (): Promise<readonly string[]> =>
  (await kubectl('get', ...own)).split('\n').filter(name => name !== '')

const isWhole = process.env.E2E_ALL === '1'

let folder = ''
const undoFile = () => join(folder, 'undo.json')
beforeAll(heal)
afterAll(heal)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-interrupted-'))
})
afterEach(async () => {
  await heal()
  await rm(folder, { recursive: true })
})

const fix = async (kubeconfig: string, ...args: readonly string[]) => {
  const flags = ['--kubeconfig', kubeconfig, '--output', 'json', '--fix', '--undo-file', undoFile(), ...args]
  const { exitCode, stdout, stderr } = await dynamoMetrics(['doctor', ...flags], env)
  return { exitCode, notes: stdout === '' ? stderr : ((JSON.parse(stdout) as Report).notes?.join('\n') ?? '') }
}
/** The lab's own helm is the one that is found. */
const env = { PATH: `${dirname(program('helm'))}:${process.env.PATH}` }

const undo = () => dynamoMetrics(['undo', undoFile(), '--kubeconfig', kubeconfigs.admin, '--yes'], env)

/** With a fresh start all goes well, and is taken back. */
const finishes = async () => {
  const isBack = async () => (await examineSettled(kubeconfigs.admin)).causes.some(cause => cause.code === code)
  await waitFor(isBack, { what: `${code} to be back`, seconds: 30 })
  const again = await fix(kubeconfigs.admin, '--fix-id', code)
  expect(again.notes).toMatch(/^fix scrape\/forbidden, [\w-]+: fixed/m)
  expect(await made()).toHaveLength(2)
  expect((await undo()).exitCode).toBe(0)
  expect(await made()).toEqual([])
}

describe('a connection that does not hold', () => {
  const adminToken = async (): Promise<string> =>
    (parse(await readFile(kubeconfigs.admin, 'utf8')) as { users: { user: { token: string } }[] }).users[0]?.user
      .token ?? ''

  type Row = readonly [interference: Interference, at: number, state: RegExp, made: number]
  const chosen: readonly Row[] = [
    ['lost', 2, /: half done/, 1],
    ['without its token', 2, /: half done.*Unauthorized/, 1],
  ]
  /** They wait long for answers. A write whose answer is lost is looked for, and goes on where it was made. */
  const others: readonly Row[] = [
    ['lost', 1, /: failed/, 0],
    ['unanswered', 1, /: fixed/, 2],
    ['unanswered', 2, /: fixed/, 2],
    ['without its token', 1, /: failed.*Unauthorized/, 0],
  ]

  it.each(isWhole ? [...chosen, ...others] : chosen)(
    'write %s at %i: what was made is known and taken back',
    async (interference, at, state, objects) => {
      await breakLab(code)
      await examineSettled(kubeconfigs.admin)
      const server: InterferingServer = await interfere(count => (count >= at ? interference : undefined))
      try {
        const kubeconfig = join(folder, 'kubeconfig')
        await writeFile(kubeconfig, server.kubeconfig(await adminToken()), { mode: 0o600 })
        const { exitCode, notes } = await fix(kubeconfig, '--fix-id', code)
        expect(notes).toMatch(state)
        if (!state.source.includes('fixed')) expect(exitCode).toBeGreaterThan(0)
      } finally {
        server.close()
      }
      expect(await made()).toHaveLength(objects)
      if (existsSync(undoFile())) expect((await undo()).exitCode).toBe(0)
      expect(await made()).toEqual([])
      await rm(undoFile(), { force: true })
      await finishes()
    },
  )
})

/** A policy of the API server's own that stands in the way of `dynamo-metrics`; `where` is CEL over the request. */
const policy = (resource: string, where: string) => {
  const metadata = { name: 'change-freeze' }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata,
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: {
            resourceRules: [
              { apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: [resource] },
            ],
          },
          validations: [{ expression: `!(${where})`, message: 'no changes before the release' }],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata,
        spec: { policyName: metadata.name, validationActions: ['Deny'] },
      },
    ],
  })
}

describe('an admission policy', () => {
  const probe = ['create', 'clusterrolebinding', 'probe', '--clusterrole=view', '--user=nobody']
  /** The API server goes on heeding it for a second, and the healing writes what it forbids. */
  const lift = async () => {
    const kinds = 'validatingadmissionpolicies,validatingadmissionpolicybindings'
    await kubectl('delete', kinds, 'change-freeze', '--ignore-not-found')
    const isForgotten = async () => {
      await kubectl(...probe)
      await kubectl('delete', 'clusterrolebinding', 'probe')
      return true
    }
    await waitFor(isForgotten, { what: 'the policy to be forgotten', seconds: 30 })
  }

  const freeze = async (where: string, ...how: readonly string[]) => {
    await kubectlWith(policy('clusterrolebindings', where), 'apply', '-f', '-')
    const isHeeded = async () => {
      const refusal = await kubectl(...probe, ...how).then(() => undefined, String)
      if (refusal === undefined && how.length === 0) await kubectl('delete', 'clusterrolebinding', 'probe')
      return refusal?.includes('no changes before the release')
    }
    await waitFor(isHeeded, { what: 'the policy to be heeded', seconds: 30 })
  }

  it('that speaks at the dry run keeps the whole fix from being made', async () => {
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
    try {
      await freeze('true', '--dry-run=server')
      const { exitCode, notes } = await fix(kubeconfigs.admin, '--fix-id', code)
      expect(notes).toMatch(/: refused.*no changes before the release/)
      expect(exitCode).toBe(1)
      expect(await made()).toEqual([])
      expect(existsSync(undoFile())).toBe(false)
    } finally {
      await lift()
    }
  })

  it('that speaks only when it is meant leaves half of it, which undo takes back', async () => {
    await breakLab(code)
    await examineSettled(kubeconfigs.admin)
    try {
      await freeze('request.?dryRun.orValue(false) == false')
      const { exitCode, notes } = await fix(kubeconfigs.admin, '--fix-id', code)
      expect(notes).toMatch(/: half done.*no changes before the release/)
      expect(exitCode).toBeGreaterThan(0)
      expect(await made()).toHaveLength(1)
      expect((await undo()).exitCode).toBe(0)
      expect(await made()).toEqual([])
    } finally {
      await lift()
    }
    await rm(undoFile(), { force: true })
    await finishes()
  })
})

const chart = fileURLToPath(new URL('../lab/charts/dynamo-platform-1.4', import.meta.url))
/** Its fix is an upgrade. */
const switchedOff = 'operator/collection-disabled'

const revision = async (): Promise<{ readonly number: number; readonly status: string }> => {
  const words = await helm('status', dynamo.release, '-n', dynamo.namespace, '-o', 'json')
  const { version, info } = JSON.parse(words) as { version: number; info: { status: string } }
  return { number: version, status: info.status }
}

const isSwitchedOff = async () => (await examineSettled(kubeconfigs.admin)).causes.some(one => one.code === switchedOff)

describe('the doctor is ended during its upgrade', () => {
  /** The lab's Helm, which keeps how its upgrade has ended, and comes back from it only once it is let go. */
  const watchedHelm = async () => {
    const real = program('helm')
    const [ended, free] = [join(folder, 'ended'), join(folder, 'let-go')]
    const lines = [
      '#!/bin/sh',
      'case "$*" in',
      '*--dry-run*) ;;',
      `upgrade*) '${real}' "$@"; code=$?`,
      `  until [ -e '${free}' ]; do sleep 0.1; done`,
      `  echo $code > '${ended}'; exit $code ;;`,
    ]
    await writeFile(join(folder, 'helm'), [...lines, 'esac', `exec '${real}' "$@"`, ''].join('\n'), { mode: 0o755 })
    return {
      path: `${folder}:${process.env.PATH}`,
      letGo: () => writeFile(free, ''),
      ending: () => readFile(ended, 'utf8'),
    }
  }

  /** It is on its way for less than a second: too short for asking now and then. */
  const watchForUpgrade = (): { readonly begun: Promise<unknown>; readonly stop: () => void } => {
    const what = ['get', 'secrets', '-n', dynamo.namespace, '-l', 'owner=helm,status=pending-upgrade', '-o', 'name']
    const watch = spawn(program('kubectl'), ['--kubeconfig', kubeconfigs.admin, ...what, '--watch'])
    return { begun: once(watch.stdout, 'data'), stop: () => watch.kill() }
  }

  type Row = readonly [how: string, end: (pid: number) => void, status: number | null]
  const killed: Row = ['killed', pid => process.kill(pid, 'SIGKILL'), null]
  const interrupted: Row = ['by Ctrl-C', pid => process.kill(-pid, 'SIGINT'), 130]

  it.each(isWhole ? [killed, interrupted] : [killed])(
    '%s: Helm ends it, a second --fix finds nothing to do, and undo leads back',
    async (_how, end, status) => {
      await breakLab(switchedOff)
      await examineSettled(kubeconfigs.admin)
      const before = await revision()
      const { path, letGo, ending } = await watchedHelm()
      const upgrade = watchForUpgrade()
      const words = ['doctor', '--kubeconfig', kubeconfigs.admin, '--fix', '--fix-id', switchedOff, '--chart', chart]
      const doctor = spawn(process.execPath, [doctorProgram, ...words, '--undo-file', undoFile()], {
        env: { ...process.env, PATH: path },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const said: string[] = []
      for (const stream of [doctor.stdout, doctor.stderr]) stream.on('data', chunk => said.push(String(chunk)))
      const exit = once(doctor, 'exit')
      try {
        const first = await Promise.race([upgrade.begun.then(() => 'the upgrade'), exit.then(() => 'the exit')])
        expect(first, said.join('')).toBe('the upgrade')
        end(doctor.pid ?? 0)
      } finally {
        upgrade.stop()
        await letGo()
      }
      expect((await exit).at(0)).toBe(status)

      expect(await waitFor(ending, { what: 'Helm to end', seconds: 60 })).toBe('0\n')
      expect(await revision()).toEqual({ number: before.number + 1, status: 'deployed' })
      const isHealthy = async () => (await examineSettled(kubeconfigs.admin)).verdict === 'healthy'
      await waitFor(isHealthy, { what: 'the doctor to find nothing', seconds: 60 })
      const again = ['--fix', '--yes', '--undo-file', join(folder, 'again.json')]
      expect(await dynamoMetrics(['doctor', '--kubeconfig', kubeconfigs.admin, ...again], env)).toMatchObject({
        exitCode: 0,
      })
      expect(existsSync(join(folder, 'again.json'))).toBe(false)
      expect(await undo()).toMatchObject({ exitCode: 0 })
      await waitFor(isSwitchedOff, { what: `${switchedOff} to be back`, seconds: 40 })
    },
  )
})

describe.runIf(isWhole)('an upgrade that fails, and its rollback with it', () => {
  it('is told as it is, and undo rolls back once nothing is in the way', async () => {
    const label = 'app.kubernetes.io/version'
    const operator = ['deployment', names.controller, '-n', dynamo.namespace] as const
    await breakLab(switchedOff)
    await examineSettled(kubeconfigs.admin)
    const before = await revision()
    const rightly = await kubectl(
      'get',
      ...operator,
      '-o',
      `jsonpath={.metadata.labels.${label.replaceAll('.', '\\.')}}`,
    )
    await kubectl('label', ...operator, `${label}=other`, '--overwrite')
    const { exitCode, notes } = await fix(kubeconfigs.admin, '--fix-id', switchedOff, '--chart', chart)
    expect(notes).toMatch(/operator\/collection-disabled, [\w-]+: half done.*left at revision \d+, failed.*conflict/)
    expect(exitCode).toBe(4)
    await kubectl('label', ...operator, `${label}=${rightly}`, '--overwrite')
    expect(await undo()).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(`to ${before.number}\\b[^]*may leave`),
    })
    expect((await revision()).status).toBe('deployed')
    expect((await undo()).stderr).toMatch(/nothing to take back/)
  })
})

describe('an upgrade that never ended', () => {
  it('is left alone, and named', async () => {
    await breakLab(switchedOff)
    await examineSettled(kubeconfigs.admin)
    // An operator that cannot be scheduled is never ready: Helm waits for it, and is killed meanwhile.
    const where = ['upgrade', dynamo.release, chart, '-n', dynamo.namespace, '--kubeconfig', kubeconfigs.admin]
    const how = ['--reuse-values', '--server-side=true', '--wait', '--timeout=60s']
    const never = [
      '--set-json',
      `dynamo-operator.controllerManager.podAnnotations={"${imitateAnnotation}":"ImagePullBackOff"}`,
    ]
    const child = execFile(program('helm'), [...where, ...how, ...never])
    const ended = new Promise(resolve => child.on('exit', resolve))
    try {
      await waitFor(async () => (await revision()).status === 'pending-upgrade', {
        what: 'the upgrade to be on its way',
      })
      child.kill('SIGKILL')
      await ended
      const before = await kubectl('get', 'secrets,services,servicemonitors', '-n', dynamo.namespace, '-o', 'name')
      const { exitCode, notes } = await fix(kubeconfigs.admin, '--fix-id', switchedOff, '--chart', chart)
      expect(notes).toMatch(/operator\/collection-disabled, [\w-]+: refused.*pending-upgrade/)
      expect(exitCode).toBe(1)
      expect(await kubectl('get', 'secrets,services,servicemonitors', '-n', dynamo.namespace, '-o', 'name')).toBe(
        before,
      )
    } finally {
      child.kill('SIGKILL')
      await kubectl(
        'delete',
        'secret',
        '-n',
        dynamo.namespace,
        '-l',
        `owner=helm,name=${dynamo.release},status=pending-upgrade`,
      )
    }
  })
})

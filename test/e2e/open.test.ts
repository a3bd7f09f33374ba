import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { breakLab, heal, kubeconfigs, kubectl, stack, waitFor } from '../lab/api.ts'
import { doctorProgram, dynamoMetrics, examineSettled } from './doctor.ts'

const cluster = ['--kubeconfig', kubeconfigs.admin]

let running: Awaited<ReturnType<typeof opening>> | undefined

/** Starts `open`, and waits for the address that it prints. */
const opening = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, [doctorProgram, 'open', ...args, ...cluster])
  const said: string[] = []
  createInterface(child.stderr).on('line', line => said.push(line))
  const ended = once(child, 'exit')
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, address, said, ended }
}

const open = async (...args: readonly string[]) => {
  running = await opening(...args)
  return running
}

beforeAll(async () => {
  expect((await examineSettled(kubeconfigs.admin)).verdict).toBe('healthy')
})

afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  running = undefined
})

describe('open', () => {
  it('leads to the targets of the operator, and Ctrl-C ends it', async () => {
    const { address, child, ended } = await open('targets')
    const url = new URL(address)
    const pool = url.searchParams.get('pool')
    const answer = await fetch(new URL(`/api/v1/targets?scrapePool=${pool}`, url))
    const { data } = (await answer.json()) as { data: { activeTargets: readonly { health: string }[] } }
    expect(data.activeTargets.map(({ health }) => health)).toEqual(['up'])
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
  })

  it('leads to the dashboard, and tells where the login is but not what', async () => {
    const { address, said } = await open('dashboard')
    expect(new URL(address).pathname).toBe('/d/dynamo-operator')
    expect((await fetch(new URL('/api/health', address))).status).toBe(200)
    expect(said.join('\n')).toContain(`Secret ${stack.namespace}/`)
    const { data } = JSON.parse(
      await kubectl('get', 'secret', '-n', stack.namespace, '-o', 'json', `${stack.release}-grafana`),
    )
    const password = Buffer.from(data['admin-password'], 'base64').toString()
    expect(password.length).toBeGreaterThan(3)
    expect(said.join('\n')).not.toContain(password)
  })

  it('takes a free port where the wanted one is taken, and says so', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    try {
      const { address, said } = await open('prometheus', '--port', String(port))
      expect(new URL(address).port).not.toBe(String(port))
      expect(said).toContain(`Port ${port} is taken: this is another.`)
      expect((await fetch(new URL('/-/ready', address))).status).toBe(200)
    } finally {
      taken.close()
    }
  })

  it('follows Grafana to another pod', async () => {
    const { address, said } = await open('grafana')
    expect((await fetch(new URL('/api/health', address))).status).toBe(200)
    await kubectl('delete', 'pod', '-n', stack.namespace, '-l', 'app.kubernetes.io/name=grafana', '--wait=false')
    await waitFor(
      async () => {
        const answer = await fetch(new URL('/api/health', address), { headers: { connection: 'close' } }).catch(
          () => undefined,
        )
        return answer?.status === 200 && said.some(line => line.startsWith('The connection was lost'))
      },
      { what: 'an answer of the new pod', seconds: 90 },
    )
    await heal()
  })

  it.each([
    ['opens the browser', [], true],
    ['opens none where it is told not to', ['--no-browser'], false],
  ])('at a terminal it %s', async (_, flags, opens) => {
    const folder = await mkdtemp(join(tmpdir(), 'browser-'))
    const opened = join(folder, 'opened')
    await writeFile(join(folder, 'xdg-open'), `#!/bin/sh\necho "$1" > ${opened}\n`, { mode: 0o755 })
    const words = [process.execPath, doctorProgram, 'open', 'prometheus', ...flags, ...cluster].join(' ')
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, CI: '' }
    const child = spawn('script', ['--quiet', '--return', '--command', words, '/dev/null'], { env })
    const ended = once(child, 'exit')
    try {
      let shown = ''
      child.stdout.on('data', data => {
        shown += data
      })
      const address = await waitFor(() => /^http:\S+/m.exec(shown)?.[0], { what: 'an address on the terminal' })
      expect((await fetch(new URL('/-/ready', address))).status).toBe(200)
      const said = async () => (await readFile(opened, 'utf8').catch(() => '')).trim()
      if (opens) await waitFor(said, { what: 'the browser to be opened' })
      expect(await said()).toBe(opens ? address : '')
    } finally {
      child.kill()
      await ended
      await rm(folder, { recursive: true })
    }
  })

  it('prints what kubectl would do', async () => {
    const { exitCode, stdout } = await dynamoMetrics(['open', 'prometheus', '--print', '--port', '9190', ...cluster])
    const [command = '', address] = stdout.trim().split('\n')
    expect([exitCode, address]).toEqual([0, 'http://127.0.0.1:9190/'])
    expect(command).toMatch(/^kubectl --kubeconfig \S+ port-forward --namespace observability service\/\S+ 9190:9090$/)
  })

  it('opens no dashboard that is not there', async () => {
    await breakLab('dashboard/missing')
    await examineSettled(kubeconfigs.admin)
    const { exitCode, stdout, stderr } = await dynamoMetrics(['open', 'dashboard', ...cluster])
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toContain('does not have the dashboard')
    await heal()
  })

  it('says what may not be read', async () => {
    const { exitCode, stderr } = await dynamoMetrics(['open', 'grafana', '--kubeconfig', kubeconfigs.nobody])
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('Could not list deployments')])
  })
})

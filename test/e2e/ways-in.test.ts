import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { openLiveCluster } from '../../src/cluster/live.ts'
import type { Report } from '../../src/model/report.ts'
import { dynamo, kubeconfigs, kubectl, stack } from '../lab/api.ts'
import { apiServer } from '../lab/layout.ts'
import { pki } from '../lab/pki.ts'
import { doctorProgram, dynamoMetrics, examine } from './doctor.ts'

const folder = mkdtempSync(join(tmpdir(), 'ways-in-'))
const account = 'ways-in'
let direct: Report

beforeAll(async () => {
  direct = await examine(kubeconfigs.admin)
  expect(direct.verdict).toBe('healthy')
})

afterAll(() => rmSync(folder, { recursive: true }))

it('a proxy of the environment carries the requests and the port-forward, and NO_PROXY leaves it out', async () => {
  const proxy = await connectProxy()
  const args = ['doctor', '--kubeconfig', kubeconfigs.admin, '--output', 'json']
  try {
    const through = await dynamoMetrics(args, { HTTPS_PROXY: proxy.url, NO_PROXY: 'example.com' })
    expect(comparable(JSON.parse(through.stdout))).toEqual(comparable(direct))
    expect(new Set(proxy.asked)).toEqual(new Set([`${apiServer.host}:${apiServer.port}`]))
    const before = proxy.asked.length
    const around = await dynamoMetrics(args, { HTTPS_PROXY: proxy.url, NO_PROXY: `example.com,${apiServer.host}` })
    expect(comparable(JSON.parse(around.stdout))).toEqual(comparable(direct))
    expect(proxy.asked.length).toBe(before)
  } finally {
    proxy.close()
  }
})

it('a client certificate from a credential plugin is enough', async () => {
  const file = kubeconfigOf({
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'cat',
      args: [credential(certificate('ways-in', 'system:masters'))],
      interactiveMode: 'Never',
    },
  })
  expect(comparable(await examine(file))).toEqual(comparable(direct))
})

it('in a pod the ServiceAccount is enough', async () => {
  const pod = join(folder, 'pod')
  await kubectl('create', 'serviceaccount', account, '-n', stack.namespace)
  await kubectl(
    'create',
    'clusterrolebinding',
    account,
    '--clusterrole=cluster-admin',
    `--serviceaccount=${stack.namespace}:${account}`,
  )
  try {
    const token = await kubectl('create', 'token', account, '-n', stack.namespace)
    execFileSync('mkdir', ['-p', pod])
    copyFileSync(pki.ca, join(pod, 'ca.crt'))
    writeFileSync(join(pod, 'token'), token.trim())
    writeFileSync(join(pod, 'namespace'), stack.namespace)
    const report = await examineInPod(pod)
    expect(report.about.context).toBe('in-cluster')
    expect(comparable(report)).toEqual(comparable(direct))
  } finally {
    await kubectl('delete', 'clusterrolebinding', account)
    await kubectl('delete', 'serviceaccount', account, '-n', stack.namespace)
  }
})

it('a program that speaks HTTPS answers through a port-forward', async () => {
  const pods = await kubectl(
    'get',
    'pods',
    '-n',
    dynamo.namespace,
    '-l',
    'control-plane=controller-manager',
    '-o',
    'name',
  )
  const name = pods.trim().split('\n')[0]?.replace('pod/', '') ?? ''
  const cluster = await openLiveCluster({ kubeconfig: kubeconfigs.admin, env: {}, timeoutMs: 10_000 })
  const answer = await cluster.http({
    service: 'grafana',
    pod: { namespace: dynamo.namespace, name, port: 8080, scheme: 'https' },
    path: '/metrics',
    login: {
      namespace: stack.namespace,
      secret: `${stack.release}-grafana`,
      userKey: 'admin-user',
      passwordKey: 'admin-password',
    },
  })
  // The operator takes tokens, not Grafana's login: its own refusal is the proof that the request arrived.
  expect(answer).toMatchObject({ ok: true, value: { status: 401 } })
})

/** What depends on the way in: the context's name, and what the way costs. */
const comparable = ({ requests: _requests, seconds: _seconds, about, ...rest }: Report) => ({
  ...rest,
  about: { ...about, context: '' },
})

interface Proxy {
  readonly url: string
  /** HOST:PORT of each tunnel that was asked for. */
  readonly asked: readonly string[]
  readonly close: () => void
}

/** A proxy as companies have it: it knows CONNECT and nothing else. */
const connectProxy = async (): Promise<Proxy> => {
  const asked: string[] = []
  const server = http.createServer((_request, response) => response.writeHead(405).end())
  server.on('connect', ({ url = '' }, client) => {
    asked.push(url)
    const [host = '', port] = url.split(':')
    const upstream = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('error', () => upstream.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']

/** A client certificate that the lab's authority signed. */
const certificate = (user: string, group: string) => {
  const [key, crt] = [join(folder, `${user}.key`), join(folder, `${user}.crt`)]
  const signed = ['-CA', pki.ca, '-CAkey', pki.caKey, '-addext', 'extendedKeyUsage=clientAuth']
  openssl('req', '-x509', ...newKey, '-keyout', key, '-out', crt, '-subj', `/O=${group}/CN=${user}`, ...signed)
  return { clientCertificateData: readFileSync(crt, 'utf8'), clientKeyData: readFileSync(key, 'utf8') }
}

const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })

/** What a plugin prints. */
const credential = (status: object): string => {
  const file = join(folder, 'credential.json')
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }),
    { mode: 0o600 },
  )
  return file
}

const kubeconfigOf = (user: object): string => {
  const config = parse(readFileSync(kubeconfigs.admin, 'utf8')) as { users: { name: string; user: object }[] }
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, stringify({ ...config, users: config.users.map(({ name }) => ({ name, user })) }), {
    mode: 0o600,
  })
  return file
}

/** The program with a ServiceAccount where a pod has it, in a mount namespace of its own, and no kubeconfig. */
const examineInPod = (files: string): Promise<Report> =>
  new Promise((resolve, reject) => {
    const target = '/run/secrets/kubernetes.io/serviceaccount'
    const script = `mount -t tmpfs none /run && mkdir -p ${target} && cp "$1"/* ${target} && shift && exec "$@"`
    const command = [process.execPath, doctorProgram, 'doctor', '--output', 'json']
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      KUBERNETES_SERVICE_HOST: apiServer.host,
      KUBERNETES_SERVICE_PORT: String(apiServer.port),
    }
    execFile('unshare', ['--mount', 'sh', '-c', script, 'pod', files, ...command], { env }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`no report: ${stderr}`, { cause: error }))
      else resolve(JSON.parse(stdout) as Report)
    })
  })

import fs from 'node:fs'
import path from 'node:path'
import { apiServer, files, network, node, state } from './layout.ts'
import { ensureBridge } from './network.ts'
import { ensurePki, pki } from './pki.ts'
import { ensureProcess, isRunning, lastLogLines, recordedProcesses, stopProcess } from './processes.ts'
import { program } from './programs.ts'
import { LabError } from './requirements.ts'
import { kubectl, kubectlWith } from './tools.ts'
import { waitFor } from './wait.ts'

const etcdUrl = `http://${network.host}:2379`
const manifests = path.join(import.meta.dirname, 'manifests')

/** In the order they start; they stop in the reverse order. */
const parts = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'kubelet'] as const

/** etcd, the API server with RBAC, the controllers, the scheduler, and one node. */
export async function startControlPlane(): Promise<void> {
  ensureBridge()
  ensurePki()
  ensureProcess({ name: 'etcd', command: program('etcd'), args: etcdArgs() })
  ensureProcess({ name: 'kube-apiserver', command: program('kube-apiserver'), args: apiServerArgs() })
  await waitFor(async () => (await kubectl('get', '--raw', '/readyz')) === 'ok', {
    what: `the API server at ${apiServer.url}`,
    seconds: 60,
  }).catch(error => {
    throw new LabError(`the API server does not start:\n${lastLogLines('kube-apiserver')}`, { cause: error })
  })
  ensureProcess({
    name: 'kube-controller-manager',
    command: program('kube-controller-manager'),
    args: controllerManagerArgs(),
  })
  ensureProcess({ name: 'kube-scheduler', command: program('kube-scheduler'), args: schedulerArgs() })
}

export async function startNode(): Promise<void> {
  await kubectlWith(JSON.stringify(nodeObject()), 'apply', '--server-side', '--force-conflicts', '-f', '-')
  await kubectl('apply', '--server-side', '-f', path.join(manifests, 'kwok-crds.yaml'))
  await kubectl('wait', '--for=condition=Established', '--timeout=20s', '-f', path.join(manifests, 'kwok-crds.yaml'))
  ensureProcess({ name: 'kwok', command: program('kwok'), args: kwokArgs() })
  fs.mkdirSync(files.pods, { recursive: true })
  ensureProcess({
    name: 'kubelet',
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', path.join(import.meta.dirname, 'kubelet.ts')],
  })
}

export const controlPlaneState = () => parts.map(name => ({ name, running: isRunning(name) }))

/** And before it whatever a test that was cut short has left running beside it. */
export async function stopControlPlane(): Promise<void> {
  const besides = recordedProcesses().filter(name => !parts.some(part => part === name))
  for (const name of [...besides, ...parts.toReversed()]) await stopProcess(name)
}

function etcdArgs(): string[] {
  const peer = `http://${network.host}:2380`
  return [
    `--data-dir=${path.join(state, 'etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync', // nothing here outlives the lab
    '--log-level=warn',
  ]
}

function apiServerArgs(): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${apiServer.host}`,
    `--advertise-address=${apiServer.host}`,
    `--secure-port=${apiServer.port}`,
    `--cert-dir=${files.pki}`,
    `--tls-cert-file=${pki.serverCertificate}`,
    `--tls-private-key-file=${pki.serverKey}`,
    `--token-auth-file=${pki.tokens}`,
    `--client-ca-file=${pki.ca}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    `--service-cluster-ip-range=${network.services}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki.serviceAccountKey}`,
    `--service-account-signing-key-file=${pki.serviceAccountKey}`,
    '--kubelet-preferred-address-types=InternalIP',
  ]
}

function controllerManagerArgs(): string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    `--service-account-private-key-file=${pki.serviceAccountKey}`,
    `--root-ca-file=${pki.ca}`,
    `--cert-dir=${files.pki}`,
    `--bind-address=${network.host}`,
    '--leader-elect=false',
    '--controllers=*,-service-lb-controller,-node-route-controller,-cloud-node-lifecycle-controller',
    '--namespace-sync-period=1m',
  ]
}

const schedulerArgs = () => [
  `--kubeconfig=${files.kubeconfig}`,
  `--cert-dir=${files.pki}`,
  `--bind-address=${network.host}`,
  '--leader-elect=false',
]

/** kwok keeps the node alive and serves the kubelet's API; the pod runner does everything about pods. */
function kwokArgs(): string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    '--manage-all-nodes=true',
    `--node-ip=${network.host}`,
    `--node-name=${node.name}`,
    `--node-port=${node.port}`,
    `--tls-cert-file=${pki.serverCertificate}`,
    `--tls-private-key-file=${pki.serverKey}`,
    '--node-lease-duration-seconds=40',
    '--enable-crds=PortForward,Logs',
    `--config=${path.join(manifests, 'kwok-stages.yaml')}`,
  ]
}

const nodeObject = () => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: node.name, labels: { 'kubernetes.io/hostname': node.name, 'kubernetes.io/os': 'linux' } },
})

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { apiServer, files, network } from './layout.ts'

export const pki = {
  ca: path.join(files.pki, 'ca.crt'),
  caKey: path.join(files.pki, 'ca.key'),
  serverCertificate: path.join(files.pki, 'server.crt'),
  serverKey: path.join(files.pki, 'server.key'),
  serviceAccountKey: path.join(files.pki, 'service-account.key'),
  tokens: path.join(files.pki, 'tokens.csv'),
  adminToken: path.join(files.pki, 'admin.token'),
}

/** Own certificate authority, one server certificate for every part on the bridge, and the administrator's token. */
export function ensurePki(): void {
  if (fs.existsSync(files.kubeconfig)) return
  fs.mkdirSync(files.pki, { recursive: true, mode: 0o700 })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', pki.caKey, '-out', pki.ca, '-subj', '/CN=lab-ca', '-days', '30')
  const addresses = [network.host, network.firstService, '127.0.0.1'].map(address => `IP:${address}`)
  const hosts = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map(name => `DNS:${name}`)
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    pki.serverKey,
    '-out',
    pki.serverCertificate,
    '-subj',
    '/CN=lab-server',
    '-days',
    '30',
    '-CA',
    pki.ca,
    '-CAkey',
    pki.caKey,
    '-addext',
    `subjectAltName=${[...addresses, ...hosts].join(',')}`,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  )
  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', pki.serviceAccountKey)
  const token = randomBytes(24).toString('hex')
  fs.writeFileSync(pki.adminToken, token, { mode: 0o600 })
  fs.writeFileSync(pki.tokens, `${token},lab-admin,lab-admin,system:masters\n`, { mode: 0o600 })
  writeKubeconfig(files.kubeconfig, 'lab-admin', token)
}

export function writeKubeconfig(file: string, user: string, token: string, namespace = 'default'): void {
  const cluster = { server: apiServer.url, 'certificate-authority-data': fs.readFileSync(pki.ca).toString('base64') }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user, namespace } }],
    'current-context': 'lab',
  }
  fs.writeFileSync(file, stringify(config), { mode: 0o600 })
}

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })

import { once } from 'node:events'
import fs from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { applyObjects } from './installs.ts'
import { network } from './layout.ts'
import { pki } from './pki.ts'
import { kubectl } from './tools.ts'
import { waitFor } from './wait.ts'

/** As much of an AdmissionRequest as an answer depends on. */
export interface AdmissionRequest {
  readonly uid: string
  readonly operation: string
  readonly name?: string
  readonly dryRun?: boolean
}

/** What it says: yes, no with these words, or nothing for as long as the API server waits. */
type Verdict = 'allowed' | { readonly no: string } | 'silence'

/** What the API server asks before it writes: a program of its own, on the lab's network, with the lab's certificate. */
export interface AdmissionWebhook {
  /** Nothing answers there any more, and it is asked all the same. */
  stop(): void
  /** It is not asked any more. */
  end(): Promise<void>
}

export const webhookName = 'change-freeze.lab.dynamo-metrics'
const port = 10940
/** How long the API server waits for it. */
const timeoutSeconds = 3

/** `resources` as in a rule, such as `servicemonitors`; of whatever group. */
export const startWebhook = async (
  resources: readonly string[],
  judge: (request: AdmissionRequest) => Verdict,
): Promise<AdmissionWebhook> => {
  const certificate = { key: fs.readFileSync(pki.serverKey), cert: fs.readFileSync(pki.serverCertificate) }
  const server = createServer(certificate, (request, response) => {
    answer(request, response, judge).catch(error => response.writeHead(500).end(String(error)))
  })
  server.listen(port, network.host)
  await once(server, 'listening')
  await applyObjects([configuration(resources)])
  await waitFor(async () => !(await passesProbe()), { what: 'the webhook to be asked', seconds: 30 })
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    stop,
    end: async () => {
      await kubectl('delete', 'validatingwebhookconfiguration', webhookName, '--ignore-not-found')
      await waitFor(passesProbe, { what: 'the webhook to be forgotten', seconds: 30 })
      stop()
    },
  }
}

const probe = 'webhook-probe'

/** The API server learns of a webhook, and of its end, a moment later. */
const passesProbe = (): Promise<boolean> =>
  kubectl('create', 'configmap', probe, '-n', 'default', '--dry-run=server').then(
    () => true,
    () => false,
  )

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  judge: (request: AdmissionRequest) => Verdict,
): Promise<void> => {
  const { request: asked } = (await json(request)) as { readonly request: AdmissionRequest }
  const verdict = asked.name === probe ? ({ no: 'heard' } as const) : judge(asked)
  if (verdict === 'silence') await pause(2000 * timeoutSeconds)
  const said = typeof verdict === 'object' ? { allowed: false, status: { message: verdict.no } } : { allowed: true }
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: asked.uid, ...said } }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(review))
}

const configuration = (resources: readonly string[]) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: webhookName },
  webhooks: [
    webhook(webhookName, resources, "request.name != ''"),
    webhook(`probe.${webhookName}`, ['configmaps'], `request.name == '${probe}'`),
  ],
})

const webhook = (name: string, resources: readonly string[], expression: string) => ({
  name,
  clientConfig: { url: `https://${network.host}:${port}/`, caBundle: fs.readFileSync(pki.ca).toString('base64') },
  rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources }],
  matchConditions: [{ name: 'meant', expression }],
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  failurePolicy: 'Fail',
  timeoutSeconds,
})

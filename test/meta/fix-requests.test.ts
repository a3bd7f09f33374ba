import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLiveWriter } from '../../src/cluster/live-writer.ts'
import { openSnapshot } from '../../src/cluster/snapshot.ts'
import { planOf } from '../../src/fix/repair.ts'
import { run } from '../../src/run.ts'
import { writeKubeconfig } from '../cluster/fake-api-server.ts'
import { steppedClock } from '../fix/story.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'

const release = { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' }
const metadata = {
  name: 'any',
  uid: 'u1',
  resourceVersion: '7',
  labels: { 'app.kubernetes.io/managed-by': 'Helm' } as Readonly<Record<string, string>>,
  annotations: release,
}
const object = { apiVersion: 'v1', kind: 'Any', metadata }
const changed = { ...object, metadata: { ...metadata, labels: { ...metadata.labels, changed: 'yes' } } }
const stored = {
  name: 'dyn',
  version: 3,
  manifest: '',
  info: { status: 'deployed', description: 'Upgrade complete' },
  chart: { metadata: { name: 'dynamo-platform', version: '1.4.2' } },
}
const packed = Buffer.from(gzipSync(JSON.stringify(stored)).toString('base64')).toString('base64')

/** Every object is there and Helm's, and what is applied is new: the most that planning has to ask. */
const answerTo = (method: string, path: string): readonly [status: number, body: unknown] => {
  if (method === 'PATCH') return path.includes('force=') ? [201, changed] : [200, changed]
  if (path.includes('/secrets?')) return [200, { metadata: {}, items: [object] }]
  return [200, path.includes('/secrets/') ? { ...object, data: { release: packed } } : object]
}

describe('planning', () => {
  const asked: string[] = []
  const server = http.createServer(({ method = '', url = '' }, response) => {
    asked.push(`${method} ${url}`)
    const [status, body] = answerTo(method, url)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => {
    server.close().closeAllConnections()
  })

  it('asks at most five times for a way to repair a cause', async () => {
    const kubeconfig = writeKubeconfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const consent = { yes: false, named: [], interactive: false, allowManaged: false }
    const counts: Record<string, number> = {}
    for (const name of recorded()) {
      const { cluster, header } = await openSnapshot(scenarioAt(name).snapshot)
      const examination = await run(cluster, { narrowing: header.narrowing, only: [], skip: [] })
      const ways = examination.diagnosis.causes.flatMap(({ root }) =>
        root.fixes.map(fix => ({ ...root, fixes: [fix] })),
      )
      for (const root of ways) {
        const writer = openLiveWriter({ kubeconfig, env: {}, timeoutMs: 5000, helmTimeoutMs: 5000 })
        const before = asked.length
        const repairing = { writer, consent, circumstances: { charts: [], run: 'a1b2' }, clock: steppedClock() }
        const diagnosis = { ...examination.diagnosis, causes: [{ root, explains: [] }] }
        await planOf(repairing, { ...examination, diagnosis })
        counts[`${root.code}/${root.fixes[0]?.id} of ${name}`] = asked.length - before
      }
    }
    expect(Object.values(counts)).toContain(5)
    expect(Object.entries(counts).filter(([, count]) => count > 5)).toEqual([])
  })
})

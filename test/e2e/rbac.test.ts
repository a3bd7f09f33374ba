import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rights } from '../../src/facts/rights.ts'
import { leastPrivilege } from '../../src/kubernetes/least-privilege.ts'
import type { Right } from '../../src/model/rbac.ts'
import type { Report } from '../../src/model/report.ts'
import { breakLab, heal, kubeconfigs, kubectl, waitFor } from '../lab/api.ts'
import { send } from '../lab/cluster.ts'
import { writeKubeconfig } from '../lab/pki.ts'
import { kubectlWith } from '../lab/tools.ts'
import { dynamoMetrics, examine, examineSettled } from './doctor.ts'

const account = { namespace: 'least', name: 'doctor' }

describe('generate rbac', () => {
  let folder: string
  let kubeconfig: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rbac-'))
    kubeconfig = join(folder, 'kubeconfig')
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: account.namespace } }
    await kubectlWith(JSON.stringify(namespace), 'apply', '-f', '-')
    const { stdout } = await dynamoMetrics(['generate', 'rbac', '--service-account', 'least/doctor'])
    await kubectlWith(stdout, 'apply', '-f', '-')
    const token = await kubectl('create', 'token', account.name, '-n', account.namespace)
    writeKubeconfig(kubeconfig, account.name, token.trim(), 'default')
  })

  afterAll(async () => {
    await kubectl('delete', 'clusterrole,clusterrolebinding', account.name, '--ignore-not-found')
    await kubectl('delete', 'namespace', account.namespace, '--wait=false')
    await rm(folder, { recursive: true })
  })

  it('is enough for the same report as an administrator’s', async () => {
    const administrators = await examineSettled(kubeconfigs.admin)
    expect(administrators.counts.unknown).toBe(0)
    expect(comparable(await examine(kubeconfig))).toEqual(comparable(administrators))
  })

  it.each(
    rights
      .filter(({ anyway }) => anyway === undefined)
      .map(right => [`${right.verb} ${right.resource}`, right] as const),
  )('without %s, exactly the named checks become unknown', async (_, taken) => {
    await grant(rights.filter(right => right !== taken))
    try {
      await waitFor(async () => !(await may(taken)), { what: 'the right to be gone' })
      const { checks, causes } = await examine(kubeconfig)
      expect(checks.filter(({ outcome }) => outcome === 'unknown').map(({ id }) => id)).toEqual(taken.leavesUnknown)
      expect(causes.filter(({ code }) => code !== 'access/forbidden')).toEqual([])
    } finally {
      await grant(rights)
      await waitFor(() => may(taken), { what: 'the right to be back' })
    }
  })

  // The last one: healing deletes what carries the program's own label, these rights too.
  it('without access reviews, Roles and bindings decide', async () => {
    await grant(rights.filter(({ resource }) => resource !== 'subjectaccessreviews'))
    await breakLab('scrape/discovery-forbidden')
    try {
      const named = ({ causes }: Report) =>
        causes.filter(({ severity }) => severity === 'error').map(({ code, subject }) => ({ code, subject }))
      const administrators = named(await examineSettled(kubeconfigs.admin))
      expect(administrators.map(({ code }) => code)).toEqual(['scrape/discovery-forbidden'])
      expect(named(await examine(kubeconfig))).toEqual(administrators)
    } finally {
      await heal()
    }
  })
})

const grant = (granted: readonly Right[]): Promise<string> => {
  const [, role] = leastPrivilege(granted, { account, namespaces: [] })
  return kubectlWith(JSON.stringify(role?.object), 'replace', '-f', '-')
}

/** What the authorizer knows by now. */
const may = async ({ verb, group, resource = '', name }: Right): Promise<boolean> => {
  const [plural, subresource] = resource.split('/')
  const answered = await send<{ readonly status: { readonly allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${account.namespace}:${account.name}`,
        groups: ['system:authenticated'],
        resourceAttributes: { verb, group, resource: plural, subresource, name },
      },
    },
  )
  return answered.status.allowed
}

const comparable = ({ requests: _requests, seconds: _seconds, about, ...rest }: Report) => ({
  ...rest,
  about: { ...about, context: '' },
})

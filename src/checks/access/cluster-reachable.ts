import type { ObjectRef } from '../../model/object-ref.ts'
import type { Unavailable } from '../../model/read.ts'
import { defineCheck } from '../define-check.ts'

const cluster: ObjectRef = { apiVersion: 'v1', kind: 'Cluster', name: 'kubernetes' }

export const clusterReachable = defineCheck({
  id: 'access-cluster-reachable',
  title: 'The API server answers',
  area: 'access',
  needs: [],
  wants: ['server'],
  codes: {
    'access/unreachable': { title: 'The API server does not answer', severity: 'error' },
  },
  run({ server }) {
    if (server.ok) return { findings: [], notes: [`Kubernetes ${server.value.gitVersion}`] }
    const { why, message } = server.unavailable
    if (why === 'not-live') return { notApplicable: 'no cluster is asked' }
    if (why === 'forbidden') return { findings: [], notes: ['the API server answers, and refuses to tell its version'] }
    return {
      findings: [
        {
          code: 'access/unreachable',
          subject: cluster,
          about: [],
          message: 'The API server does not answer, so nothing could be examined',
          evidence: [{ ref: cluster, path: '/version', expected: 'the API server’s version', actual: message }],
          because: becauseOf[why],
          fixes: [
            {
              id: 'reach-the-cluster',
              title: 'Check that kubectl reaches the same context',
              risk: 'manual',
              at: 'source',
              steps: [
                {
                  do: 'tell',
                  text: 'The doctor reads the same kubeconfig as kubectl: what repairs one repairs the other.',
                  commands: ['kubectl config get-contexts', 'kubectl get --raw /version'],
                },
              ],
              lasts: 'Once the context works, it works for every tool that reads it.',
              verify: ['access-cluster-reachable'],
            },
          ],
        },
      ],
    }
  },
})

/** What a person would say of each way not to be reached. */
const becauseOf: Readonly<Record<Exclude<Unavailable['why'], 'forbidden' | 'not-live'>, string>> = {
  unreachable: 'the connection to the API server, or the login, failed',
  timeout: 'nothing came back before --timeout ran out',
  'not-served': 'something answers under this address that knows no /version',
  invalid: 'something answered that is not a Kubernetes API server',
  'not-recorded': 'the snapshot holds no answer of the API server',
}

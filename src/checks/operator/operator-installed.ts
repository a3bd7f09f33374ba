import type { ObjectRef } from '../../model/object-ref.ts'
import { defineCheck } from '../define-check.ts'

const anyOperator: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'dynamo-operator-controller-manager' }

export const operatorInstalled = defineCheck({
  id: 'operator-installed',
  title: 'A Dynamo operator is installed',
  area: 'operator',
  needs: [],
  wants: ['chains'],
  provedBy: 'metrics-families-present',
  codes: {
    'operator/not-installed': { title: 'No Dynamo operator was found', severity: 'error' },
  },
  run({ chains: read }) {
    // Files without an operator leave everything to be told by others: nothing of the chain would have been looked at.
    if (!read.ok) {
      const { why, message } = read.unavailable
      return { findings: [], unknown: [{ missing: why === 'not-live' ? [] : [read.unavailable], reason: message }] }
    }
    const chains = read.value
    if (chains.items.length > 0)
      return {
        findings: [],
        notes: chains.items.map(({ id, version, era }) => `${id}, ${version ?? 'unknown version'} (era ${era})`),
      }
    if (chains.unread.length > 0)
      return {
        findings: [],
        unknown: [{ missing: chains.unread, reason: 'a Dynamo operator may be where nothing may be read' }],
      }
    return {
      findings: [
        {
          code: 'operator/not-installed',
          subject: anyOperator,
          about: [],
          message: 'No Dynamo operator was found in this cluster: nothing about its metrics is examined',
          evidence: [
            {
              ref: anyOperator,
              path: 'metadata.labels',
              expected:
                'a Deployment labelled app.kubernetes.io/part-of=dynamo-operator, or one with the operator’s image',
              actual: 'none in all namespaces',
            },
          ],
          because: 'the platform is not installed here, or this is the context of another cluster',
          fixes: [
            {
              id: 'install-or-point',
              title: 'Choose the right context, name the operator’s namespace, or install the Dynamo platform',
              risk: 'manual',
              at: 'source',
              steps: [
                {
                  do: 'tell',
                  text: 'Without the chart’s labels an operator is known by an image called ai-dynamo/kubernetes-operator or dynamo-operator: one that has neither needs the label.',
                  commands: [
                    'kubectl config current-context',
                    'kubectl get deployments -A -l app.kubernetes.io/part-of=dynamo-operator',
                    'helm list -A',
                  ],
                },
              ],
              lasts: 'Yes.',
              verify: ['operator-installed'],
            },
          ],
        },
      ],
    }
  },
})

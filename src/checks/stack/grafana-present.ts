import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { defineCheck } from '../define-check.ts'

const anyGrafana: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'grafana' }

export const grafanaPresent = defineCheck({
  id: 'stack-grafana-present',
  title: 'There is a Grafana',
  area: 'stack',
  needs: ['grafanas'],
  wants: [],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'stack/grafana-not-found': { title: 'No Grafana runs in this cluster', severity: 'info' },
  },
  run({ grafanas }) {
    if (grafanas.items.length > 0)
      return { findings: [], notes: grafanas.items.map(({ workload }) => formatRef(refOf(workload))) }
    if (grafanas.unread.length > 0)
      return {
        findings: [],
        unknown: [{ missing: grafanas.unread, reason: 'a Grafana may be where nothing may be read' }],
      }
    return {
      findings: [
        {
          code: 'stack/grafana-not-found',
          subject: anyGrafana,
          about: [],
          message: 'No Grafana was found in this cluster: the dashboard is not examined',
          evidence: [
            {
              ref: anyGrafana,
              expected: 'a Deployment or StatefulSet labelled app.kubernetes.io/name=grafana',
              actual: 'none in all namespaces',
            },
          ],
          because: 'Grafana runs elsewhere, carries other labels than its chart gives it, or is not wanted here',
          fixes: [
            {
              id: 'point-at-grafana',
              title: 'Say where Grafana runs',
              risk: 'manual',
              at: 'source',
              steps: [
                {
                  do: 'tell',
                  text: 'A Grafana elsewhere is asked with --grafana-url; one that carries other labels is named with --grafana NAMESPACE/NAME.',
                },
              ],
              lasts: 'It is a flag of this run.',
              verify: ['stack-grafana-present'],
            },
          ],
        },
      ],
    }
  },
})

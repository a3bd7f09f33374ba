import type { Fix } from '../../model/fix.ts'
import type { ObjectRef } from '../../model/object-ref.ts'

/** Sends a port of the Service to a port that the operator's pods declare; where there is none, says so. */
export const sendTo = (service: ObjectRef, index: number, name: string | undefined): Fix => ({
  id: 'correct-target-port',
  title: `Send the port to ${name ?? 'a declared port'}`,
  risk: 'disruptive',
  at: 'live',
  steps:
    name === undefined
      ? [{ do: 'tell', text: 'No container of the operator declares a port: see the chart’s version.' }]
      : [
          {
            do: 'patch',
            target: service,
            type: 'json',
            patch: [{ op: 'replace', path: `/spec/ports/${index}/targetPort`, value: name }],
          },
        ],
  lasts:
    'Only if dynamo-operator.metricsService.ports of the release says the same: otherwise its next upgrade puts the old value back.',
  verify: ['service-ports', 'scrape-target-up'],
})

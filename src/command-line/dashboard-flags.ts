import * as Flags from '@oclif/core/flags'
import { dashboardEraNames } from '../dynamo/dashboard-eras.ts'

export const eraFlag = Flags.option({
  options: [...dashboardEraNames],
  helpValue: dashboardEraNames.join('|'),
  summary: 'First version of the Dynamo platform that has this dashboard; else that of the cluster’s operator.',
})()

/** What the dashboard's variables choose. */
export const resourceFlags = {
  namespace: Flags.string({
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'Namespaces of the resources; else all.',
  }),
  'resource-type': Flags.string({ helpValue: 'KIND', summary: 'One resource type; else all.' }),
}

import * as Flags from '@oclif/core/flags'
import { dashboardEraNames } from '../dynamo/dashboard-eras.ts'

export const eraFlag = Flags.option({
  options: [...dashboardEraNames],
  helpValue: dashboardEraNames.join('|'),
  summary: 'First version of the Dynamo platform that has this dashboard; else that of the cluster’s operator.',
})()

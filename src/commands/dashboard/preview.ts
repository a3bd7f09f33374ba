import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, prometheusSearchFlags } from '../../command-line/cluster-flags.ts'
import { eraFlag, resourceFlags } from '../../command-line/dashboard-flags.ts'

export default class DashboardPreview extends Command {
  static override summary = 'Draw the dashboard from live data into one HTML page, without Grafana.'

  static override description =
    `Asks Prometheus what the ten panels ask, and writes a page that needs no network and runs no script.

Exit codes: 0 drawn, 1 Prometheus has no metrics of the operator, 2 wrong usage or configuration, 3 the cluster or Prometheus could not be read.`

  static override examples = [
    { description: 'The last hour', command: '<%= config.bin %> <%= command.id %> dashboard.html' },
    {
      description: 'One namespace and one type over a day',
      command:
        '<%= config.bin %> <%= command.id %> dashboard.html --range 24h --namespace team-a --resource-type DynamoGraphDeployment',
    },
  ]

  static override usage = '<%= command.id %> FILE [FLAGS]'

  static override args = { file: Args.string({ required: true, description: 'Where to write the page.' }) }

  static override flags = {
    ...clusterFlags,
    ...prometheusSearchFlags,
    era: eraFlag,
    range: Flags.string({ helpValue: 'DURATION', default: '1h', summary: 'How far back, like 30m or 24h.' }),
    ...resourceFlags,
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(DashboardPreview)
    const { previewDashboard } = await import('../../command-line/dashboard-preview.ts')
    const { exitCode, notes } = await previewDashboard(args.file, flags)
    process.exitCode = exitCode
    const stream = exitCode === 0 ? process.stdout : process.stderr
    stream.write(notes.map(note => `${note}\n`).join(''))
  }
}

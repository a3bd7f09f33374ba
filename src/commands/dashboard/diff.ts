import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, searchFlags } from '../../command-line/cluster-flags.ts'
import { eraFlag } from '../../command-line/dashboard-flags.ts'

export default class DashboardDiff extends Command {
  static override summary = 'Compare the dashboard in the cluster with the one that export prints.'

  static override description =
    `Panel by panel and variable by variable: queries, legends, units, and which other fields differ. Where panels stand, and numbers of versions, are no difference.

Exit codes: 0 the same, 1 different or not there, 2 wrong usage or configuration, 3 the cluster could not be read.`

  static override examples = [
    {
      description: 'Was it edited by hand, or made for another version?',
      command: '<%= config.bin %> <%= command.id %>',
    },
  ]

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    ...clusterFlags,
    'operator-namespace': searchFlags['operator-namespace'],
    grafana: searchFlags.grafana,
    era: eraFlag,
    color: Flags.boolean({ allowNo: true, summary: 'Colour the text; else the terminal and NO_COLOR decide.' }),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(DashboardDiff)
    const { diffDashboard } = await import('../../command-line/dashboard-diff.ts')
    const { exitCode, text, notes } = await diffDashboard(flags)
    process.exitCode = exitCode
    process.stderr.write(notes.map(note => `dynamo-metrics: ${note}\n`).join(''))
    process.stdout.write(text)
  }
}

import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { changeFlags } from '../../command-line/change-flags.ts'
import { clusterFlags, searchFlags } from '../../command-line/cluster-flags.ts'
import { eraFlag } from '../../command-line/dashboard-flags.ts'

export default class DashboardApply extends Command {
  static override summary = 'Put the dashboard where Grafana takes it from, and prove that Grafana shows it.'

  static override description =
    `Creates or changes the ConfigMap that Grafana’s sidecar fetches: its namespace and label are read from the sidecar. Where Grafana has none, a GrafanaDashboard of grafana-operator is made. The change is shown, agreed to, proved, and can be taken back with undo.

Exit codes: 0 Grafana shows it, 1 nothing was changed, 2 wrong usage, or no operator that has a dashboard, 3 the cluster could not be read, 4 applied, and not proved.`

  static override examples = [
    { description: 'Look first', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'In a pipeline', command: '<%= config.bin %> <%= command.id %> --yes' },
  ]

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    ...clusterFlags,
    'operator-namespace': searchFlags['operator-namespace'],
    grafana: searchFlags.grafana,
    'grafana-url': searchFlags['grafana-url'],
    era: eraFlag,
    namespace: Flags.string({
      helpValue: 'NAME',
      summary: 'Namespace of the ConfigMap; else one that Grafana’s sidecar looks in.',
    }),
    label: Flags.string({
      helpValue: 'KEY=VALUE',
      summary: 'Label that the sidecar wants, or that your Grafana has for grafana-operator.',
    }),
    'restart-grafana': Flags.boolean({
      default: false,
      summary: 'Restart Grafana where the dashboard is in place and nothing else can make it load.',
    }),
    ...changeFlags,
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(DashboardApply)
    const { applyDashboard } = await import('../../command-line/dashboard-apply.ts')
    const { exitCode, notes } = await applyDashboard(flags, this.config.version)
    const { tell } = await import('../../command-line/tell.ts')
    process.exitCode = exitCode
    tell(notes)
  }
}

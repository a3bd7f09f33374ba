import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, searchFlags } from '../../command-line/cluster-flags.ts'
import { eraFlag } from '../../command-line/dashboard-flags.ts'

export default class DashboardExport extends Command {
  static override summary = 'Print the Grafana dashboard of the operator, as JSON or as a manifest.'

  static override description =
    `Ten panels in four sections, with Namespace and Resource Type to choose, for Grafana 9 and later. What differs between the versions of the operator is in it; with --era no cluster is asked.

Exit codes: 0 printed, 2 wrong usage, or no operator that has a dashboard, 3 the cluster could not be read.`

  static override examples = [
    {
      description: 'For the operator of this cluster, where its Grafana looks',
      command: '<%= config.bin %> <%= command.id %> --output configmap | kubectl apply --server-side -f -',
    },
    {
      description: 'To be kept in Git',
      command: '<%= config.bin %> <%= command.id %> --era 1.6 > dynamo-operator.json',
    },
  ]

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    ...clusterFlags,
    'operator-namespace': searchFlags['operator-namespace'],
    grafana: searchFlags.grafana,
    era: eraFlag,
    output: Flags.option({
      options: ['json', 'configmap', 'grafana-dashboard'] as const,
      default: 'json' as const,
      summary: 'JSON for a file, a ConfigMap for a sidecar, or a GrafanaDashboard for grafana-operator.',
    })(),
    namespace: Flags.string({
      helpValue: 'NAME',
      summary: 'Namespace of the manifest; else one that Grafana’s sidecar, or grafana-operator, looks in.',
    }),
    label: Flags.string({
      helpValue: 'KEY=VALUE',
      summary: 'Label that the sidecar wants, or that your Grafana has for grafana-operator; else read from them.',
    }),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(DashboardExport)
    const { exportDashboard } = await import('../../command-line/dashboard-export.ts')
    const { exitCode, text, notes } = await exportDashboard(flags)
    process.exitCode = exitCode
    process.stderr.write(notes.map(note => `dynamo-metrics: ${note}\n`).join(''))
    process.stdout.write(text)
  }
}

import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, replayFlags, searchFlags } from '../command-line/cluster-flags.ts'

const judgement = { helpGroup: 'JUDGEMENT' }
const ids = { ...judgement, helpValue: 'ID', multiple: true, multipleNonGreedy: true, delimiter: ',' } as const

export default class Doctor extends Command {
  static override summary =
    'Find out why the metrics do not reach Prometheus, or the dashboard does not show in Grafana.'

  static override description =
    `Reads a cluster, names the first broken link of the chain with what was expected and what was found, and prints the fix. It never writes.

Exit codes: 0 healthy, 1 faulty, 2 wrong usage or configuration, 3 incomplete or still pending, 130 and 143 interrupted.`

  static override examples = [
    { description: 'Examine the current context of the kubeconfig', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'See a diagnosis without any cluster', command: '<%= config.bin %> <%= command.id %> --demo' },
    {
      description: 'Gate a deployment: the report for people, and one for machines',
      command: '<%= config.bin %> <%= command.id %> --output text --output json=report.json',
    },
    {
      description: 'Judge what a chart would install, before it is installed',
      command: 'helm template dyn ./chart | <%= config.bin %> <%= command.id %> --manifests -',
    },
  ]

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    ...clusterFlags,
    ...replayFlags,
    ...searchFlags,
    only: Flags.string({ ...ids, summary: 'Show these areas, checks or codes only.' }),
    skip: Flags.string({ ...ids, summary: 'Do not show these areas, checks or codes.' }),
    'fail-on': Flags.option({
      ...judgement,
      options: ['error', 'warning', 'never'] as const,
      default: 'error' as const,
      summary: 'The least severity that makes the verdict faulty.',
    })(),
    'allow-unknown': Flags.string({ ...ids, summary: 'Accept that this check is unknown; all for every one.' }),
    output: Flags.string({
      helpValue: 'FORMAT[=FILE]',
      multiple: true,
      multipleNonGreedy: true,
      default: ['text'],
      summary: 'text or json, to stdout or into a file; may be repeated.',
    }),
    verbose: Flags.boolean({
      summary: 'Every check with what it looked at, every fix with its commands, stack traces of crashes.',
    }),
    color: Flags.boolean({ allowNo: true, summary: 'Colour the text; else the terminal and NO_COLOR decide.' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Doctor)
    const { openCluster } = await import('../command-line/open-cluster.ts')
    const opened = await openCluster(flags, this.config.root)
    const { examineAndReport } = await import('../command-line/examine-and-report.ts')
    process.exitCode = await examineAndReport(opened, flags, this.config.version)
  }
}

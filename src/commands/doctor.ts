import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, replayFlags, searchFlags } from '../command-line/cluster-flags.ts'
import { fixFlags } from '../command-line/fix-flags.ts'

const judgement = { helpGroup: 'JUDGEMENT' }
const ids = { ...judgement, helpValue: 'ID', multiple: true, multipleNonGreedy: true, delimiter: ',' } as const

export default class Doctor extends Command {
  static override summary =
    'Find out why the metrics do not reach Prometheus, or the dashboard does not show in Grafana.'

  static override description =
    `Reads a cluster, names the first broken link of the chain with what was expected and what was found, and prints the fix. Without --fix it never writes.

Exit codes: 0 healthy, 1 faulty, 2 wrong usage or configuration, 3 incomplete or still pending, 4 a fix was applied and did not prove itself, 130 and 143 interrupted.`

  static override examples = [
    { description: 'Examine the current context of the kubeconfig', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'See a diagnosis without any cluster', command: '<%= config.bin %> <%= command.id %> --demo' },
    {
      description: 'Gate a deployment: wait until all is well, and report to people and machines',
      command: '<%= config.bin %> <%= command.id %> --wait 5m --output text --output junit=report.xml',
    },
    {
      description: 'Judge what a chart would install, before it is installed',
      command:
        'helm template dyn ./chart --api-versions monitoring.coreos.com/v1 | <%= config.bin %> <%= command.id %> --offline --manifests -',
    },
  ]

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    ...clusterFlags,
    ...replayFlags,
    ...searchFlags,
    ...fixFlags,
    only: Flags.string({ ...ids, summary: 'Show these areas, checks or codes only.' }),
    skip: Flags.string({ ...ids, summary: 'Do not show these areas, checks or codes.' }),
    'fail-on': Flags.option({
      ...judgement,
      options: ['error', 'warning', 'never'] as const,
      default: 'error' as const,
      summary: 'The least severity that makes the verdict faulty.',
    })(),
    'allow-unknown': Flags.string({ ...ids, summary: 'Accept that this check is unknown; all for every one.' }),
    suppress: Flags.string({
      ...judgement,
      helpValue: 'RULE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'Accept a finding: CODE[@KIND/NAMESPACE/NAME]: REASON [until YYYY-MM-DD].',
      description:
        'What the finding explains is accepted with it. An object says the same of itself in its annotation dynamo-metrics/suppress, a line each: CODE: REASON [until YYYY-MM-DD].',
    }),
    wait: Flags.string({
      ...judgement,
      helpValue: 'DURATION',
      summary: 'Read again until nothing is pending or faulty, for as long as this, like 5m.',
      exclusive: ['snapshot', 'manifests', 'offline', 'demo', 'demo-case'],
    }),
    output: Flags.string({
      helpValue: 'FORMAT[=FILE]',
      multiple: true,
      multipleNonGreedy: true,
      default: ['text'],
      summary: 'text, json, junit, markdown, html or github, to stdout or into a file; may be repeated.',
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
    const { begin } = await import('../command-line/begin.ts')
    const reading = begin(opened, flags)
    const { examineAndReport } = await import('../command-line/examine-and-report.ts')
    process.exitCode = await examineAndReport(opened, flags, this.config.version, reading)
  }
}

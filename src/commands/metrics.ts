import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, prometheusSearchFlags } from '../command-line/cluster-flags.ts'
import { eraFlag } from '../command-line/dashboard-flags.ts'

export default class Metrics extends Command {
  static override summary = 'List the metrics that the operator serves, or compare them with what Prometheus has.'

  static override description =
    `Families with their type, labels, allowed values, and when it is normal that there is none, for each version of Dynamo. No cluster is asked without --live.

Exit codes: 0 listed, 1 a family is absent that should not be, 2 wrong usage or configuration, 3 the cluster or Prometheus could not be read.`

  static override examples = [
    { description: 'What every version serves', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'What this cluster has of it', command: '<%= config.bin %> <%= command.id %> --live' },
    {
      description: 'One family, with its labels, its queries and what it says here',
      command: '<%= config.bin %> <%= command.id %> dynamo_operator_resources_total --live',
    },
  ]

  static override usage = '<%= command.id %> [NAME] [FLAGS]'

  static override args = { name: Args.string({ description: 'One family; else all.' }) }

  static override flags = {
    ...clusterFlags,
    ...prometheusSearchFlags,
    era: eraFlag,
    live: Flags.boolean({ summary: 'Compare with what Prometheus has of this cluster’s operator.' }),
    output: Flags.string({
      helpValue: 'FORMAT[=FILE]',
      multiple: true,
      multipleNonGreedy: true,
      default: ['text'],
      summary: 'text, json or markdown, to stdout or into a file.',
    }),
    color: Flags.boolean({ allowNo: true, summary: 'Colour the text; else the terminal and NO_COLOR decide.' }),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Metrics)
    const { metrics } = await import('../command-line/metrics.ts')
    process.exitCode = await metrics(args.name, flags)
  }
}

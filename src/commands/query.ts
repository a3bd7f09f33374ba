import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, prometheusSearchFlags } from '../command-line/cluster-flags.ts'
import { eraFlag, resourceFlags } from '../command-line/dashboard-flags.ts'

export default class Query extends Command {
  static override summary = 'Ask Prometheus one of the documented queries, or any expression.'

  static override description =
    `The documented queries go by name, and are asked as the cluster's operator can answer them. Without one, lists them.
Prometheus is found as the doctor finds it; an empty answer says why it is empty.

Exit codes: 0 answered, 1 the metrics are not there, 2 wrong usage or expression, 3 the cluster or Prometheus could not be read.`

  static override examples = [
    { description: 'What are the names?', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'The last hour as sparklines',
      command: '<%= config.bin %> <%= command.id %> reconcile-p95 --range 1h --step 30s',
    },
    {
      description: 'One namespace, for a spreadsheet',
      command: '<%= config.bin %> <%= command.id %> resources-by-namespace --namespace team-a --output csv',
    },
    {
      description: 'Any expression, as a chart',
      command: `<%= config.bin %> <%= command.id %> 'sum by (job) (up)' --range 24h --output html=up.html`,
    },
  ]

  static override usage = '<%= command.id %> [NAME | EXPR] [FLAGS]'

  static override args = {
    query: Args.string({ description: 'Name of a documented query, or an expression of PromQL.' }),
  }

  static override flags = {
    ...clusterFlags,
    ...prometheusSearchFlags,
    era: eraFlag,
    range: Flags.string({ helpValue: 'DURATION', summary: 'Over time, as far back, like 30m or 24h.' }),
    step: Flags.string({ helpValue: 'DURATION', summary: 'Between two points of --range; else 120 points.' }),
    ...resourceFlags,
    limit: Flags.integer({ helpValue: 'N', default: 100, summary: 'Series to keep.' }),
    watch: Flags.boolean({ summary: 'Ask again and again, until Ctrl-C.' }),
    every: Flags.string({ helpValue: 'DURATION', default: '5s', summary: 'Pause of --watch, a second at least.' }),
    output: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      default: ['text'],
      helpValue: 'FORMAT[=FILE]',
      summary: 'text, json or csv; svg=FILE or html=FILE for a chart over --range.',
    }),
    color: Flags.boolean({ allowNo: true, summary: 'Colours, also where stdout is no terminal.' }),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Query)
    const { query } = await import('../command-line/query.ts')
    process.exitCode = await query(args.query, flags)
  }
}

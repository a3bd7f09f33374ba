import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, searchFlags } from '../command-line/cluster-flags.ts'

const names = ['prometheus', 'targets', 'grafana', 'dashboard'] as const

export default class Open extends Command {
  static override summary = 'Open Prometheus, its targets, Grafana or the dashboard in a browser.'

  static override description =
    `Finds the Prometheus that has the operator's metrics, or Grafana, forwards a port of this machine to it until Ctrl-C, and opens the page: targets are those of the operator. For Grafana it tells which Secret holds the login, never what it is.

Exit codes: 0 printed, 1 there is no such thing in this cluster, 2 wrong usage or configuration, 3 the cluster could not be read, 130 and 143 ended by Ctrl-C or a signal.`

  static override examples = [
    { description: 'The operator’s scrape targets', command: '<%= config.bin %> <%= command.id %> targets' },
    {
      description: 'The dashboard, where there is no browser',
      command: '<%= config.bin %> <%= command.id %> dashboard --no-browser --port 8300',
    },
    { description: 'What kubectl would do', command: '<%= config.bin %> <%= command.id %> prometheus --print' },
  ]

  static override usage = `<%= command.id %> ${names.join('|')} [FLAGS]`

  static override args = {
    what: Args.string({ required: true, options: [...names], description: 'What to open.' }),
  }

  static override flags = {
    ...clusterFlags,
    ...searchFlags,
    port: Flags.integer({
      helpValue: 'NUMBER',
      min: 1,
      max: 65535,
      summary: 'The port of this machine; else the program’s own, or a free one.',
    }),
    browser: Flags.boolean({
      allowNo: true,
      default: true,
      summary: 'Open a browser, where somebody sits before a terminal.',
    }),
    print: Flags.boolean({ summary: 'Print the kubectl command and the address, and do nothing.' }),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Open)
    const { openProgram } = await import('../command-line/open-program.ts')
    const exitCode = await openProgram(args.what as (typeof names)[number], flags)
    if (exitCode !== undefined) process.exitCode = exitCode
    // The port is open until a signal ends the process.
    else await new Promise<never>(() => {})
  }
}

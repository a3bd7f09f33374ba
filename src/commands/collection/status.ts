import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, searchFlags } from '../../command-line/cluster-flags.ts'

export default class CollectionStatus extends Command {
  static override summary = 'Show the Helm switch of metrics collection, and what it made.'

  static override description =
    `The switch has three states: true, false, and not set, which means something else in each version of the chart. Reads only. Whether the metrics arrive, doctor says.

Exit codes: 0 Service and ServiceMonitor are there, 1 one is not, or there is no operator, 2 wrong usage or configuration, 3 that could not be read.`

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    ...clusterFlags,
    'operator-namespace': searchFlags['operator-namespace'],
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(CollectionStatus)
    const { collectionStatus } = await import('../../command-line/collection.ts')
    const { exitCode, lines, notes } = await collectionStatus(flags)
    const { tell } = await import('../../command-line/tell.ts')
    process.exitCode = exitCode
    tell(notes)
    process.stdout.write(lines.map(line => `${line}\n`).join(''))
  }
}

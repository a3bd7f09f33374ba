import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags, searchFlags } from '../command-line/cluster-flags.ts'

export default class Snapshot extends Command {
  static override summary = 'Record everything the doctor reads into one redacted file, to be replayed anywhere.'

  static override description =
    'Secrets, tokens, private keys and e-mail addresses are redacted before anything touches the disk; only you can read the file.'

  static override examples = [
    {
      description: 'Record the current context into the current folder',
      command: '<%= config.bin %> <%= command.id %>',
    },
    { description: 'Replay a recording', command: '<%= config.bin %> doctor --snapshot FILE' },
  ]

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    ...clusterFlags,
    ...searchFlags,
    file: Flags.string({
      helpValue: 'FILE',
      summary: 'Where to write it; else dynamo-metrics-CONTEXT-DATE-TIME.snapshot here.',
    }),
    force: Flags.boolean({ default: false, summary: 'Overwrite a file that exists.' }),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Snapshot)
    const { takeSnapshot } = await import('../command-line/take-snapshot.ts')
    const { exitCode, text } = await takeSnapshot(flags, this.config.version)
    process.exitCode = exitCode
    const stream = exitCode === 0 ? process.stdout : process.stderr
    stream.write(text)
  }
}

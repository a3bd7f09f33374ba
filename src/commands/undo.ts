import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { clusterFlags } from '../command-line/cluster-flags.ts'

export default class Undo extends Command {
  static override summary = 'Take back what `doctor --fix`, `dashboard apply` or `collection` did.'

  static override description =
    `Takes back every write of that run, the last one first: each is tried on the server, shown with its diff, agreed to, and looked at once more. What somebody else changed since is left alone. At the end it says what the doctor finds now.

Exit codes: 0 nothing of it is left, 1 something is, 2 wrong usage or configuration.`

  static override examples = [
    { description: 'Look first', command: '<%= config.bin %> <%= command.id %> FILE --dry-run' },
    { description: 'Take it back without being asked', command: '<%= config.bin %> <%= command.id %> FILE --yes' },
  ]

  static override usage = '<%= command.id %> FILE [FLAGS]'

  static override args = {
    file: Args.string({ required: true, description: 'The file that was named when the change was made.' }),
  }

  static override flags = {
    ...clusterFlags,
    yes: Flags.boolean({ default: false, summary: 'Take it back without being asked.' }),
    'dry-run': Flags.boolean({ default: false, summary: 'Show what would be taken back; write nothing.' }),
    'fix-timeout': Flags.string({
      helpValue: 'DURATION',
      default: '3m',
      summary: 'How long Helm may take for a rollback.',
    }),
    color: Flags.boolean({ allowNo: true, summary: 'Colour the text; else the terminal and NO_COLOR decide.' }),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Undo)
    const { takeBack } = await import('../command-line/take-back.ts')
    process.exitCode = await takeBack(args.file, flags)
  }
}

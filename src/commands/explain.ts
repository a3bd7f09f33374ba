import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'

export default class Explain extends Command {
  static override summary = 'Explain a finding code, a check or an area; without ID, list them all.'

  static override description = 'The pages ship with the package: no network is needed.'

  static override examples = [
    {
      description: 'What a finding means, how it is detected, and how to repair it',
      command: '<%= config.bin %> <%= command.id %> monitor/label-mismatch',
    },
    { description: 'All checks and codes', command: '<%= config.bin %> <%= command.id %>' },
  ]

  static override args = { id: Args.string({ required: false, description: 'A code, a check or an area.' }) }

  override async run(): Promise<void> {
    const { args } = await this.parse(Explain)
    const { explanationOf } = await import('../command-line/explanation.ts')
    process.stdout.write(await explanationOf(args.id, this.config.root))
  }
}

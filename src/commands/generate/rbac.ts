import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'

export default class GenerateRbac extends Command {
  static override summary = 'Print a ServiceAccount with the rights that dynamo-metrics needs, and no others.'

  static override description =
    `Generated from what the checks and the commands read. No cluster is asked. Where less is allowed, the doctor says what stays unknown.

With --fix, rights are handed on only by somebody who has them, and an upgrade by Helm needs besides what the objects of the chart need.`

  static override examples = [
    { description: 'Rights in the whole cluster', command: '<%= config.bin %> <%= command.id %> | kubectl apply -f -' },
    {
      description: 'Rights in two namespaces, and what has none',
      command: '<%= config.bin %> <%= command.id %> --namespaces dynamo-system,monitoring',
    },
    { description: 'For doctor --fix', command: '<%= config.bin %> <%= command.id %> --fix | kubectl apply -f -' },
  ]

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = {
    namespaces: Flags.string({
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'Where objects may be read; else everywhere.',
    }),
    'service-account': Flags.string({
      helpValue: 'NAMESPACE/NAME',
      default: 'default/dynamo-metrics',
      summary: 'The account to make.',
    }),
    fix: Flags.boolean({ summary: 'Also the rights to write that --fix, dashboard apply and undo need.' }),
    output: Flags.option({ options: ['yaml', 'json'] as const, default: 'yaml' as const, summary: 'yaml or json.' })(),
    verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(GenerateRbac)
    const { generatedRbac } = await import('../../command-line/generated-rbac.ts')
    process.stdout.write(generatedRbac(flags))
  }
}

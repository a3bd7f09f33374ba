import { Command } from '@oclif/core/command'
import { switchExamples, switchesByUpgrade, switchFlags } from '../../command-line/change-flags.ts'

export default class CollectionDisable extends Command {
  static override summary = 'Switch metrics collection off in the Helm release, and prove that it is.'

  static override description = `${switchesByUpgrade}

Exit codes: 0 Service, ServiceMonitor and target are gone, 1 nothing was changed, 2 wrong usage or configuration, 3 the cluster could not be read, 4 applied, and not proved.`

  static override examples = switchExamples

  static override usage = '<%= command.id %> [FLAGS]'

  static override flags = switchFlags

  override async run(): Promise<void> {
    const { flags } = await this.parse(CollectionDisable)
    const { switchCollection } = await import('../../command-line/switch-collection.ts')
    const { exitCode, notes } = await switchCollection('off', flags, this.config.version)
    const { tell } = await import('../../command-line/tell.ts')
    process.exitCode = exitCode
    tell(notes)
  }
}

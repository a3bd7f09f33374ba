import * as Flags from '@oclif/core/flags'
import { clusterFlags, prometheusSearchFlags } from './cluster-flags.ts'
import { fixFlags } from './fix-flags.ts'

/** What a command takes that makes one change, which its name says, as `doctor --fix` would. */
export const changeFlags = {
  'dry-run': Flags.boolean({ default: false, summary: 'Show the change, tried on the server; write nothing.' }),
  yes: Flags.boolean({ default: false, summary: 'Make it without being asked.' }),
  'allow-managed': Flags.boolean({
    default: false,
    summary: 'Also change what Helm, Argo CD, Flux or a controller keeps, and may put back.',
  }),
  'undo-file': Flags.string({
    helpValue: 'FILE',
    summary: 'Where to keep the way back; else a new file in the state directory.',
  }),
  'fix-timeout': Flags.string({
    helpValue: 'DURATION',
    default: '3m',
    summary: 'How long to wait for the proof.',
  }),
  color: Flags.boolean({ allowNo: true, summary: 'Colour the text; else the terminal and NO_COLOR decide.' }),
  verbose: Flags.boolean({ summary: 'Stack traces of crashes.' }),
}

/** A release does not remember where its chart came from. */
const chartFlag = Flags.string({
  helpValue: 'REFERENCE',
  multiple: true,
  multipleNonGreedy: true,
  summary: 'Where the release’s chart comes from: a folder, a file, repository/name or oci://...',
  ...(fixFlags.chart.description === undefined ? {} : { description: fixFlags.chart.description }),
})

/** Of `collection enable` and `disable`, which differ by what they prove. */
export const switchFlags = { ...clusterFlags, ...prometheusSearchFlags, chart: chartFlag, ...changeFlags }

export const switchesByUpgrade =
  'Sets dynamo-operator.metricsService.enabled by an upgrade of the release with the chart that is installed, and no other value. The change is shown, agreed to, proved, and can be taken back with undo. Where Argo CD or Flux keeps the release, it says what to change in Git.'

export const switchExamples = [
  {
    description: 'Look first',
    command: '<%= config.bin %> <%= command.id %> --chart oci://REGISTRY/dynamo-platform --dry-run',
  },
]

export interface ChangeFlags {
  readonly 'dry-run': boolean
  readonly yes: boolean
  readonly 'allow-managed': boolean
  readonly 'undo-file'?: string | undefined
  readonly 'fix-timeout': string
  readonly chart?: readonly string[] | undefined
  readonly color?: boolean | undefined
}

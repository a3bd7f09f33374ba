import * as Flags from '@oclif/core/flags'

const fixing = { helpGroup: 'FIXING' }
const dependsOn = ['fix']

/** What `doctor` takes to repair what it found. */
export const fixFlags = {
  fix: Flags.boolean({
    ...fixing,
    summary: 'Repair what was found, each fix shown, agreed to and proved.',
    exclusive: ['snapshot', 'manifests', 'offline', 'demo', 'demo-case', 'wait'],
  }),
  'dry-run': Flags.boolean({ ...fixing, dependsOn, summary: 'Show the fixes, tried on the server; write nothing.' }),
  yes: Flags.boolean({ ...fixing, dependsOn, summary: 'Agree to the safe fixes without being asked.' }),
  'fix-id': Flags.string({
    ...fixing,
    dependsOn,
    helpValue: 'CODE[/FIX]',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'Agree to the fix of this code, disruptive or not; /FIX picks another than the recommended one.',
  }),
  'allow-managed': Flags.boolean({
    ...fixing,
    dependsOn,
    summary: 'Also change what Argo CD, Flux or a controller will probably put back.',
  }),
  chart: Flags.string({
    ...fixing,
    helpValue: 'REFERENCE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'Where a Helm release’s chart comes from: a folder, a file, repository/name or oci://...',
    description: 'It has to be the chart that is installed, to the version. Several releases need several of them.',
  }),
  'undo-file': Flags.string({
    ...fixing,
    dependsOn,
    helpValue: 'FILE',
    summary: 'Where to keep the way back; else a new file in the state directory.',
  }),
  'fix-timeout': Flags.string({
    ...fixing,
    helpValue: 'DURATION',
    default: '3m',
    summary: 'How long to wait for the proof of a fix.',
  }),
  'patch-out': Flags.string({
    ...fixing,
    dependsOn,
    helpValue: 'FILE',
    summary: 'Write what belongs into Git to a file: patches, with texts for the commits.',
  }),
  'plan-out': Flags.string({
    ...fixing,
    dependsOn,
    helpValue: 'FILE',
    exclusive: ['apply'],
    summary: 'Write the fixes that would be made into a file, to be reviewed; change nothing.',
  }),
  apply: Flags.string({
    ...fixing,
    dependsOn,
    helpValue: 'FILE',
    exclusive: ['yes', 'fix-id', 'dry-run'],
    summary: 'Make the fixes of a reviewed plan, as long as nothing changed since.',
  }),
}

export interface FixFlags {
  readonly fix?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
  readonly yes?: boolean | undefined
  readonly 'fix-id'?: readonly string[] | undefined
  readonly 'allow-managed'?: boolean | undefined
  readonly chart?: readonly string[] | undefined
  readonly 'undo-file'?: string | undefined
  readonly 'fix-timeout': string
  readonly 'patch-out'?: string | undefined
  readonly 'plan-out'?: string | undefined
  readonly apply?: string | undefined
}

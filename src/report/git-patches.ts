import { stringify } from 'yaml'
import type { GitChange } from '../model/remedy.ts'

/** Patches for Git, one YAML document each, with the text for the commit above it as a comment. */
export const gitPatches = (changes: readonly GitChange[]): string =>
  changes.map(({ commit, patch }) => `${commented(commit)}\n${stringify(patch)}`).join('---\n')

const commented = (text: string): string =>
  text
    .split('\n')
    .map(line => `# ${line}`.trimEnd())
    .join('\n')

import type { Install } from '../../model/chain.ts'

/** Who deploys an object, in words; undefined where nothing on it says so. */
export const ownerOf = (install: Install): string | undefined => {
  switch (install.by) {
    case 'helm':
      return `Helm release ${install.release.namespace}/${install.release.name}`
    case 'argo-cd':
      return `Argo CD application ${install.application}`
    case 'flux':
      return `Flux ${install.kind} ${install.namespace}/${install.name}`
    case 'unknown':
      return undefined
  }
}

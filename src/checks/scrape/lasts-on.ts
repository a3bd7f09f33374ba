import { type Owner, ownerOf } from '../../kubernetes/ownership.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'

/** Whether a live change of an object outlives the next deployment, by who puts the object back. */
export const lastsOn = (object: KubernetesObject): string => sentences(ownerOf(object))

/** The same, of a change that may put back what a release renders: who deploys by Helm is told so in words of its own. */
export const lastsAsRendered = (object: KubernetesObject, byHelm: string): string =>
  ownerOf(object).by === 'helm' ? byHelm : lastsOn(object)

const sentences = (owner: Owner): string => {
  switch (owner.by) {
    case 'helm':
      return `Only where Helm release ${owner.release.namespace}/${owner.release.name} renders the same: otherwise its next upgrade puts the old value back, or stops at the conflict (Helm 4).`
    case 'argo-cd':
      return `No: Argo CD${owner.application === undefined ? '' : ` application ${owner.application}`} puts it back. Change it in Git.`
    case 'flux':
      return `No: Flux ${owner.kind} ${owner.namespace}/${owner.name} puts it back. Change it in Git.`
    case 'controller':
      return `No: ${owner.owner.kind} ${owner.owner.name} makes this object and puts it back. Change it there.`
    case 'other':
      return owner.writes === 'by itself'
        ? `No: ${owner.tool} puts it back. Change it where that keeps it.`
        : `Until ${owner.tool} is run again: change it there as well.`
    case 'kubectl':
      return 'Until the file it was applied from is applied again: change it there as well.'
    case 'nobody-known':
      return 'Yes, as far as the object tells: nothing on it names an owner that would put it back.'
  }
}

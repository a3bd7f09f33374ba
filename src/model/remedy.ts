import type { Judged } from './diagnosis.ts'
import type { Fix } from './fix.ts'

/** What --fix made of a cause. */
export interface Remedy {
  readonly cause: Judged
  /** Undefined: there is none that could be carried out. */
  readonly fix?: Fix
  readonly state:
    | 'fixed'
    | 'not fixed' // applied, and its verification failed
    | 'reverted' // applied, and somebody took it back
    | 'half done' // some of its steps were made, or a part of one, or nobody knows
    | 'interrupted' // ended by a signal once its writing had begun, before it was proved
    | 'failed' // nothing of it was made
    | 'declined' // by the person who was asked
    | 'not named' // it may not be made without a word from the user: nothing was written
    | 'not tried' // an earlier one failed, or a signal came before
    | 'gone' // the fault was gone before its turn
    | 'manual' // told only
    | 'blocked: managed' // Git or a controller keeps the object
    | 'needs --chart' // Helm's release does not remember its chart
    | 'refused' // the server says no, or something is in the way
    | 'nothing to change'
  /** One line. */
  readonly reason: string
  /** Of what is kept in Git. */
  readonly git?: GitChange
}

/** A change for whoever keeps an object in Git. */
export interface GitChange {
  /** Subject, an empty line, and why, in lines of at most 72 characters. */
  readonly commit: string
  /** A merge patch with kind and name, as Kustomize takes one: lists are whole, null takes a field away. */
  readonly patch: Readonly<Record<string, unknown>>
}

import type { Unavailable } from '../model/read.ts'

/** What could not be read and why, in one line. */
export const notRead = ({ verb, resource, namespace, message }: Unavailable): string =>
  `Could not ${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}: ${message}`

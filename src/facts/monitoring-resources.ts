import type { FactReader } from './fact-reader.ts'

/** Discovery is open to every authenticated user, unlike the CRD objects themselves. */
export const monitoringResources: FactReader<'monitoringResources'> = ({ cluster }) =>
  cluster.resources('monitoring.coreos.com/v1')

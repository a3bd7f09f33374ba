import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'

/** The CRD's age tells an operator that was installed before it. Only asked where no ServiceMonitor is there at all. */
export const serviceMonitorCrdCreated: FactReader<'serviceMonitorCrdCreated'> = async ({ cluster, fact }) => {
  const monitors = await fact('serviceMonitors')
  if (monitors.ok && monitors.value.items.length > 0) return { ok: true, value: null }
  const crd = await cluster.get({
    ...kinds.customResourceDefinition,
    name: 'servicemonitors.monitoring.coreos.com',
    metadataOnly: true,
  })
  return crd.ok ? { ok: true, value: crd.value?.metadata.creationTimestamp ?? null } : crd
}

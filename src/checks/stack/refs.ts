import type { ObjectRef } from '../../model/object-ref.ts'

const crd = (name: string): ObjectRef => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name,
})

export const serviceMonitorCrd = crd('servicemonitors.monitoring.coreos.com')
export const prometheusCrd = crd('prometheuses.monitoring.coreos.com')

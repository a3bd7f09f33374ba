import type { Pod, Service } from '../model/kubernetes.ts'
import { podPortsOf } from './pod-ports-of.ts'
import { serviceSelects } from './service-selects.ts'

export interface ServiceInFront {
  readonly name: string
  /** The Service's own port, which leads to the pod's. */
  readonly port: number
}

/**
 * A Service of the pod's namespace that leads to one of its ports; one with an address of its own before a headless
 * one. Undefined where there is none.
 */
export const serviceInFront = (pod: Pod, port: number, services: readonly Service[]): ServiceInFront | undefined => {
  const containers = pod.spec?.containers ?? []
  const leading = services.flatMap(service => {
    const ports = selects(service, pod) ? (service.spec?.ports ?? []) : []
    const own = ports.find(each => podPortsOf(each, containers).includes(port))
    return own ? [{ name: service.metadata.name, port: own.port, headless: service.spec?.clusterIP === 'None' }] : []
  })
  const best = leading.find(({ headless }) => !headless) ?? leading[0]
  return best && { name: best.name, port: best.port }
}

const selects = (service: Service, { metadata }: Pod): boolean =>
  service.metadata.namespace === metadata.namespace && serviceSelects(service, metadata.labels)

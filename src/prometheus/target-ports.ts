import { podPortsOf } from '../kubernetes/pod-ports-of.ts'
import type { Container, Endpoint, Service, ServicePort } from '../model/kubernetes.ts'
import { matchesWhole } from './anchored-regex.ts'

/**
 * The numbers of the pods' ports that an endpoint of a ServiceMonitor leads to. `port` picks ports of the Service by
 * name, and their targetPort says where they lead; `targetPort` picks ports that containers declare; neither, all of
 * the Service's.
 */
export const targetPorts = (
  { port, targetPort }: Endpoint,
  service: Service | undefined,
  containers: readonly Container[],
): readonly number[] => {
  const declared = containers.flatMap(({ ports = [] }) => ports)
  const numbersOf = (own: ServicePort): readonly number[] => podPortsOf(own, containers)
  const offered = service?.spec?.ports ?? []
  const numbers = port
    ? offered.filter(({ name }) => matchesWhole(port, name ?? '')).flatMap(numbersOf)
    : targetPort
      ? declared
          .filter(({ name, containerPort }) =>
            typeof targetPort === 'number' ? containerPort === targetPort : matchesWhole(targetPort, name ?? ''),
          )
          .map(({ containerPort }) => containerPort)
      : offered.flatMap(numbersOf)
  return [...new Set(numbers)]
}

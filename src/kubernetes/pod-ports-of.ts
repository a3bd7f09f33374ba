import type { Container, ServicePort } from '../model/kubernetes.ts'

/** The numbers of the containers' ports that a port of a Service leads to: its targetPort, which may be a name. */
export const podPortsOf = (
  { port, targetPort: to = port }: ServicePort,
  containers: readonly Container[],
): readonly number[] =>
  typeof to === 'number'
    ? [to || port]
    : containers
        .flatMap(({ ports = [] }) => ports)
        .filter(({ name }) => name === to)
        .map(({ containerPort }) => containerPort)

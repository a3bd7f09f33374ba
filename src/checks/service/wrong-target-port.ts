import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Container, Service, ServiceMonitor, ServicePort } from '../../model/kubernetes.ts'
import type { Target } from '../../model/prometheus.ts'
import { aboutChain } from '../about-chain.ts'
import { sendTo } from './send-to.ts'

/** What the charts call the port of the metrics: 0.9's proxy has `https`, the operator itself `metrics`. */
const metricsNames: ReadonlySet<string | undefined> = new Set(['metrics', 'https'])

/**
 * The ports that ServiceMonitors ask for (where those could not be read: the ones that the charts name) and that lead to
 * another port of the pods than that of the metrics. A port that the operator's container declares for something else is
 * one; a number that nobody declares only where nothing answers there, for a pod may listen where its template does not
 * say. Where a target is up, it is the right port, whatever it is called.
 */
export const wrongTargetPorts = (
  chain: Chain,
  monitors: readonly ServiceMonitor[] | undefined,
  targets: readonly Target[],
): readonly Finding<'service/wrong-target-port'>[] => {
  const { service, workload } = chain
  const containers = workload.spec?.template?.spec?.containers ?? []
  const container = containers.find(({ ports = [] }) => ports.some(({ name }) => metricsNames.has(name)))
  const right = container?.ports?.find(({ name }) => metricsNames.has(name))
  if (!service || !container || !right || targets.some(({ health }) => health === 'up')) return []
  const isDown = targets.some(({ health }) => health === 'down')
  const asked = monitors
    ? new Set(monitors.flatMap(({ spec }) => (spec?.endpoints ?? []).map(({ port }) => port)))
    : metricsNames
  return (service.spec?.ports ?? []).flatMap((port, index) => {
    const led = asked.has(port.name) ? ledTo(port, container) : undefined
    if (led === undefined || metricsNames.has(led.name)) return []
    const isDeclaredBeside = containers.some(other => declares(other, led.containerPort))
    return led.name !== undefined || (isDown && !isDeclaredBeside)
      ? [wrong(chain, service, { port, index }, led, right)]
      : []
  })
}

type Led = Pick<NonNullable<Container['ports']>[number], 'name' | 'containerPort'>

/** The port of this container that a Service's port leads to; a number that it does not declare has no name. */
const ledTo = ({ port, targetPort = port }: ServicePort, { ports = [] }: Container): Led | undefined =>
  ports.find(({ name, containerPort }) => targetPort === name || targetPort === containerPort) ??
  (typeof targetPort === 'number' ? { containerPort: targetPort } : undefined)

const declares = ({ ports = [] }: Container, number: number): boolean =>
  ports.some(({ containerPort }) => containerPort === number)

const wrong = (
  chain: Chain,
  service: Service,
  { port, index }: { readonly port: ServicePort; readonly index: number },
  led: Led,
  right: Led,
): Finding<'service/wrong-target-port'> => {
  const subject = refOf(service)
  const where = led.name === undefined ? `${led.containerPort}` : `${led.containerPort} (${led.name})`
  return {
    code: 'service/wrong-target-port',
    subject,
    about: aboutChain(chain),
    message: `${formatRef(subject)} sends port ${port.name ?? port.port} to ${where}, and the operator serves its metrics on ${right.containerPort} (${right.name})`,
    evidence: [
      {
        ref: subject,
        path: `spec.ports[${index}].targetPort`,
        expected: `${right.name}, which is ${right.containerPort}`,
        actual: `${port.targetPort ?? `none, so ${port.port}`}`,
      },
    ],
    because:
      led.name === undefined
        ? 'no container declares that port, and nothing answers there'
        : `the operator’s container declares that port for something else, ${led.name}`,
    fixes: [sendTo(subject, index, right.name)],
  }
}

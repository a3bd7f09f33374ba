import { describe, expect, it } from 'vitest'
import { serviceInFront } from '../../src/kubernetes/service-in-front.ts'
import type { Pod, Service } from '../../src/model/kubernetes.ts'

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'observability', name: 'boards-1', labels: { app: 'boards', tier: 'web' } },
  spec: { containers: [{ name: 'grafana', ports: [{ name: 'ui', containerPort: 3100 }] }] },
} as Pod

const service = (name: string, spec: object, namespace = 'observability') =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec }) as Service

const selector = { app: 'boards' }

describe('serviceInFront', () => {
  it.each<[string, readonly Service[], ReturnType<typeof serviceInFront>]>([
    [
      'by the name of a container port',
      [service('boards', { selector, ports: [{ port: 80, targetPort: 'ui' }] })],
      { name: 'boards', port: 80 },
    ],
    [
      'by number',
      [service('boards', { selector, ports: [{ port: 81 }, { port: 80, targetPort: 3100 }] })],
      { name: 'boards', port: 80 },
    ],
    ['by its own number', [service('boards', { selector, ports: [{ port: 3100 }] })], { name: 'boards', port: 3100 }],
    [
      'with an address before a headless one',
      [
        service('operated', { selector, clusterIP: 'None', ports: [{ port: 3100 }] }),
        service('boards', { selector, ports: [{ port: 80, targetPort: 3100 }] }),
      ],
      { name: 'boards', port: 80 },
    ],
    [
      'headless where there is no other',
      [service('operated', { selector, clusterIP: 'None', ports: [{ port: 3100 }] })],
      { name: 'operated', port: 3100 },
    ],
    ['not one that selects other pods', [service('x', { selector: { app: 'x' }, ports: [{ port: 3100 }] })], undefined],
    ['not one without a selector', [service('x', { ports: [{ port: 3100 }] })], undefined],
    ['not one that leads elsewhere', [service('x', { selector, ports: [{ port: 3100, targetPort: 9 }] })], undefined],
    ['not one of another namespace', [service('x', { selector, ports: [{ port: 3100 }] }, 'inference')], undefined],
  ])('%s', (_, services, found) => expect(serviceInFront(pod, 3100, services)).toEqual(found))
})

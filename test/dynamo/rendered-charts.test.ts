import { describe, expect, it } from 'vitest'
import { chainOf } from '../../src/dynamo/chain.ts'
import { isDynamoOperator } from '../../src/dynamo/recognise.ts'
import { helmValue, rendersService } from '../../src/dynamo/values.ts'
import type { Chain, Era } from '../../src/model/chain.ts'
import { monitorsOf } from '../../src/prometheus/monitors-of-chain.ts'
import { eras, type Era as LabEra } from '../lab/layout.ts'
import { type Rendered, rendered, withMonitoring } from './rendered.ts'

const chainsOf = (...renderings: readonly Rendered[]): readonly Chain[] => {
  const services = renderings.flatMap(one => one.services)
  return renderings
    .flatMap(one => one.workloads)
    .filter(isDynamoOperator)
    .map(workload => chainOf(workload, services))
}

const onlyChainOf = (one: Rendered): Chain => {
  const [chain, ...others] = chainsOf(one)
  if (!chain || others.length > 0) throw new Error(`${others.length} chains too many, or none`)
  return chain
}

const namesOf = (chain: Chain, { monitors }: Rendered) => ({
  service: chain.service?.metadata.name,
  monitors: monitorsOf(chain, monitors).map(({ metadata }) => metadata.name),
})

const enabled = 'dynamo-operator.metricsService.enabled'
const restricted = ['--set', 'dynamo-operator.namespaceRestriction.enabled=true']

/** What an era is told by, and what its chart lets one change. */
const expectations: Readonly<
  Record<LabEra, { era: Era; version: string; port: string; token: boolean; labelled: boolean }>
> = {
  '0.9': { era: '0.9', version: '0.9.1', port: 'https', token: false, labelled: false },
  '1.4': { era: '1.0', version: '1.4.2', port: 'metrics', token: true, labelled: false },
  '1.5': { era: '1.5', version: '1.5.0', port: 'metrics', token: true, labelled: true },
  '1.6': { era: '1.6', version: '1.6.0', port: 'metrics', token: true, labelled: true },
}

describe.each(eras)('the chart of %s, rendered by Helm', lab => {
  const { era, version, port, token, labelled } = expectations[lab]

  it('is recognised whole', () => {
    const one = rendered(lab, 'dyn', ...withMonitoring)
    const chain = onlyChainOf(one)
    expect(chain).toMatchObject({ era, version, install: { by: 'unknown' } })
    expect(namesOf(chain, one)).toEqual({ service: 'dyn-dynamo-operator', monitors: ['dyn-dynamo-operator-operator'] })
    expect(chain.service?.spec?.ports?.map(({ name }) => name)).toEqual([port])
    const [endpoint] = one.monitors[0]?.spec?.endpoints ?? []
    expect([endpoint?.port, endpoint?.bearerTokenFile !== undefined]).toEqual([port, token])
  })

  it.each<[string, readonly string[], string]>([
    ['dynamo-platform', [], 'dynamo-platform-dynamo-operator'],
    ['dynamo-operator', [], 'dynamo-operator'],
    ['my-dynamo-operator-x', [], 'my-dynamo-operator-x'],
    ['dyn', ['--set', 'dynamo-operator.nameOverride=gears'], 'dyn-gears'],
    ['dyn', ['--set', 'dynamo-operator.fullnameOverride=gears'], 'gears'],
    ['d'.repeat(53), [], `${'d'.repeat(53)}-dynamo-op`],
    ['dyn', restricted, 'dyn-dynamo-operator'],
    ['dyn', ['--set', 'dynamo-operator.controllerManager.manager.image.tag=sha-4711'], 'dyn-dynamo-operator'],
  ])('as release %s with %j its objects are called as expected', (release, flags, fullname) => {
    const one = rendered(lab, release, ...withMonitoring, ...flags)
    const chain = onlyChainOf(one)
    expect(chain.era).toBe(era)
    expect(namesOf(chain, one)).toEqual({ service: fullname, monitors: [`${fullname}-operator`] })
    expect([chain.expected.service.name, chain.expected.serviceMonitor.name]).toEqual([
      fullname,
      `${fullname}-operator`,
    ])
  })

  it.each<[string, readonly string[], boolean, boolean]>([
    ['nothing said, the kind known', withMonitoring, true, true],
    ['nothing said, the kind unknown', [], true, false],
    ['true, the kind unknown', ['--set', `${enabled}=true`], true, lab !== '0.9'],
    ['false', [...withMonitoring, '--set', `${enabled}=false`], false, false],
  ])('enabled: %s', (_, flags, service, monitor) => {
    const one = rendered(lab, 'dyn', ...flags)
    expect([onlyChainOf(one).service !== undefined, one.monitors.length === 1]).toEqual([service, monitor])
  })

  it.each<unknown>([true, false, null, 0, 1, '', 'false', 'auto'])(
    'enabled: %j makes what is expected of it',
    value => {
      const one = rendered(lab, 'dyn', '--set-json', `${enabled}=${JSON.stringify(value)}`)
      expect(onlyChainOf(one).service !== undefined).toBe(rendersService(era, value))
    },
  )

  it('takes labels for the ServiceMonitor where the doctor says so', () => {
    expect(helmValue(era, 'serviceMonitorLabels') !== undefined).toBe(labelled)
    const path = 'dynamo-operator.metricsService.labels'
    const one = rendered(lab, 'dyn', ...withMonitoring, '--set', `${path}.release=kps,${path}.team=obs`)
    const { release, team } = one.monitors[0]?.metadata.labels ?? {}
    expect([release, team]).toEqual(labelled ? ['kps', 'obs'] : ['prometheus', undefined])
  })

  it('two releases in one namespace, and in two, are told apart', () => {
    const [a, b] = [rendered(lab, 'dyn', ...withMonitoring), rendered(lab, 'other', ...withMonitoring)]
    const apart = rendered(lab, 'dyn', ...withMonitoring, '--namespace', 'training')
    const monitors = [a, b, apart].flatMap(one => one.monitors)
    const found = chainsOf(a, b, apart).map(chain => [
      chain.id,
      chain.service && `${chain.service.metadata.namespace}/${chain.service.metadata.name}`,
      monitorsOf(chain, monitors).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ])
    const expected = ['inference/dyn', 'inference/other', 'training/dyn'].map(name => [
      `${name}-dynamo-operator-controller-manager`,
      `${name}-dynamo-operator`,
      [`${name}-dynamo-operator-operator`],
    ])
    expect(found).toEqual(expected)
  })
})

describe('a chart before 0.9, by the 0.9 chart without what 0.9 added', () => {
  it('is too old', () => {
    const { workloads } = rendered('0.9', 'dyn', '--set', `${enabled}=false`)
    const before = JSON.parse(JSON.stringify(workloads).replace('"--ignore-paths=/metrics",', '')) as typeof workloads
    expect(chainsOf({ workloads: before, services: [], monitors: [] })).toMatchObject([{ era: '0.8' }])
  })
})

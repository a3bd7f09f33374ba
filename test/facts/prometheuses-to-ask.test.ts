import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import { knownPrometheuses } from '../../src/facts/prometheuses-to-ask.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const asked = (world: World, fallbackNamespaces: readonly string[] = []) => {
  const cluster = fakeCluster(world)
  const narrowing = { fallbackNamespaces }
  return knownPrometheuses({ cluster, narrowing, fact: factSource(cluster, narrowing).fact })
}

const refuses: World['refuses'] = ({ resource, namespace }) =>
  resource === 'prometheuses.monitoring.coreos.com' && namespace === undefined

describe('knownPrometheuses', () => {
  it('are those that could be listed, though others could not', async () => {
    const read = await asked(healthyWorld({ refuses }), ['observability'])
    expect(read).toMatchObject({ ok: true, value: [{ name: 'observability/kps' }] })
  })

  it('are none where all could be listed', async () => {
    expect(await asked({})).toEqual({ ok: true, value: [] })
  })

  it('are not called none where somebody else may have one', async () => {
    expect(await asked(healthyWorld({ refuses }), ['inference'])).toMatchObject({
      ok: false,
      unavailable: { why: 'forbidden', resource: 'prometheuses.monitoring.coreos.com' },
    })
  })
})

import { refOf, sameObject } from '../kubernetes/object-ref.ts'
import type { Prometheus } from '../model/kubernetes.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { concat, found, listEverywhere } from './listing.ts'
import { selectedSomewhere } from './selected-somewhere.ts'

/** The Prometheuses that --prometheus leaves out, where the one it names does not select what it should. */
export const otherPrometheuses: FactReader<'otherPrometheuses'> = async context => {
  if (context.narrowing.prometheus === undefined || (await selectedSomewhere(context))) return found([])
  const [named, ...listed] = await Promise.all([
    context.fact('prometheuses'),
    ...[kinds.prometheus, kinds.prometheusAgent].map(kind => listEverywhere<Prometheus>(context, kind)),
  ])
  if (!named.ok) return named
  const all = concat(listed)
  if (!all.ok) return all
  const isNamed = (object: Prometheus) => named.value.items.some(one => sameObject(refOf(one), refOf(object)))
  return { ok: true, value: { ...all.value, items: all.value.items.filter(object => !isNamed(object)) } }
}

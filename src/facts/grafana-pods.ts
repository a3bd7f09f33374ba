import type { FactReader } from './fact-reader.ts'
import { podsOf } from './pods-of.ts'

export const grafanaPods: FactReader<'grafanaPods'> = async context => {
  const grafanas = await context.fact('grafanas')
  if (!grafanas.ok) return grafanas
  return podsOf(
    context,
    grafanas.value.items.map(grafana => grafana.workload),
  )
}

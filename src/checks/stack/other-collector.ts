import { formatRef } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { OtherCollector } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read } from '../../model/read.ts'

/** Another collector in Prometheus's place is named, not diagnosed, and never called a fault. */
export const otherCollectorFindings = (
  collectors: Read<Listing<OtherCollector>>,
): readonly Finding<'stack/other-collector'>[] =>
  itemsIn(collectors).map(({ product, ref }) => ({
    code: 'stack/other-collector',
    subject: ref,
    about: [],
    message: `${formatRef(ref)} may collect metrics here (${product}): what only it knows is not examined`,
    evidence: [{ ref, expected: 'a Prometheus of prometheus-operator', actual: product }],
    because: 'there is no Prometheus object, and this collects metrics by rules of its own',
    fixes: [],
  }))

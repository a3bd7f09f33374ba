import type { Facts } from '../../model/facts.ts'
import type { Finding } from '../../model/finding.ts'
import type { Read } from '../../model/read.ts'

/** Another collector in Prometheus's place is named, not diagnosed, and never called a fault. */
export const otherCollectorFindings = (
  collectors: Read<Facts['otherCollectors']>,
): readonly Finding<'stack/other-collector'>[] =>
  (collectors.ok ? collectors.value : []).map(({ group, product }) => {
    const ref = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', name: group }
    return {
      code: 'stack/other-collector',
      subject: ref,
      about: [],
      message: `${product} collects metrics here: what only it knows is not examined`,
      evidence: [{ ref, expected: 'a Prometheus of prometheus-operator', actual: `${group} (${product})` }],
      fixes: [],
    }
  })

import { isAccessKnown, looksOnItsOwn } from '../../grafana/sidecar.ts'
import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import { inWords } from '../../kubernetes/rbac.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Grafana, Sidecar, SidecarAccess } from '../../model/grafana.ts'
import type { Pod, Prometheus } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { servingGrafanas } from '../dashboard/nearest-delivery.ts'
import { defineCheck } from '../define-check.ts'
import { denialEvidence, grantSteps } from '../denied-access.ts'
import { isWorking, sidecarPods } from './sidecar-pods.ts'
import { grafanaValueFix } from './value-fix.ts'

export const sidecarPermitted = defineCheck({
  id: 'grafana-sidecar-permitted',
  title: 'The dashboard sidecar may read what it looks for',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles', 'sidecarAccess'],
  wants: ['grafanaPods', 'loadedDashboards', 'prometheuses'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'grafana/sidecar-forbidden': {
      title: 'The dashboard sidecar’s ServiceAccount may not list or watch what it looks for',
      severity: 'error',
    },
  },
  run({ sidecarAccess, grafanaPods, prometheuses, ...facts }) {
    const { chains, grafanas } = facts
    if (chains.items.length === 0) return none('there is no Dynamo operator', chains)
    if (grafanas.items.every(({ sidecar }) => sidecar === undefined))
      return none('no Grafana has a dashboard sidecar', grafanas)
    const serving = servingGrafanas(facts)
    const places = facts.dashboardFiles.items.map(({ configMap }) => configMap.metadata.namespace ?? 'default')
    const judged = serving.flatMap(grafana => judge({ grafana, places }, sidecarAccess.items, grafanaPods))
    const of = (wanted: Judgement['verdict']) => judged.filter(({ verdict }) => verdict === wanted)
    const notes = of('permitted').map(({ access }) => formatRef(access.serviceAccount))
    if (serving.length === 0 || notes.length > 0) return { findings: [], notes }
    const open = [
      ...sidecarAccess.unread,
      ...(of('unknown').length > 0 && !grafanaPods.ok ? [grafanaPods.unavailable] : []),
    ]
    return {
      findings: of('forbidden').map(judgement => forbidden(judgement, prometheuses)),
      unknown: [
        ...open.map(unavailable => ({
          missing: [unavailable],
          reason: 'what the dashboard sidecar’s ServiceAccount may do',
        })),
        ...serving.filter(asksUnseen).map(({ workload }) => ({
          missing: [],
          reason: `what the sidecar of ${formatRef(refOf(workload))} asks for, and as whom, cannot be read from its pod template`,
        })),
      ],
      notes,
    }
  },
})

interface Judgement {
  readonly grafana: Grafana
  readonly sidecar: Sidecar
  readonly access: SidecarAccess
  readonly refused: SidecarAccess['answers']
  readonly verdict: 'permitted' | 'forbidden' | 'unknown'
}

const asksUnseen = ({ sidecar }: Grafana): boolean => sidecar !== undefined && !isAccessKnown(sidecar)

const judge = (
  { grafana, places }: { readonly grafana: Grafana; readonly places: readonly string[] },
  accesses: readonly SidecarAccess[],
  pods: Read<Listing<Pod>>,
): readonly Judgement[] => {
  const access = accesses.find(candidate => sameObject(candidate.grafana, refOf(grafana.workload)))
  if (!access || !grafana.sidecar || asksUnseen(grafana)) return []
  const { sidecar } = grafana
  const refused = access.answers.filter(({ allowed, needed }) => !allowed && counts(sidecar, needed.namespace, places))
  return [{ grafana, sidecar: grafana.sidecar, access, refused, verdict: verdictOn(grafana, refused, pods) }]
}

/** Before 1.31 each namespace is looked in on its own: what is refused in another than the dashboard's keeps nothing away. */
const counts = (sidecar: Sidecar, namespace: string | undefined, places: readonly string[]): boolean =>
  namespace === undefined || places.length === 0 || places.includes(namespace) || !looksOnItsOwn(sidecar)

/**
 * Before 1.31 a refusal of Secrets leaves ConfigMaps alone. Where the image does not tell the version, a sidecar that
 * runs all the same is such a one.
 */
const verdictOn = (
  grafana: Grafana,
  refused: SidecarAccess['answers'],
  pods: Read<Listing<Pod>>,
): Judgement['verdict'] => {
  if (refused.length === 0) return 'permitted'
  if (grafana.sidecar?.version !== undefined || !onlySecrets(refused)) return 'forbidden'
  if (!pods.ok) return 'unknown'
  return sidecarPods(grafana, pods.value.items).some(isWorking) ? 'permitted' : 'forbidden'
}

const forbidden = (
  { grafana, access, refused, sidecar }: Judgement,
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/sidecar-forbidden'> => {
  const subject = refOf(grafana.workload)
  const [first, ...rest] = denialEvidence(access.serviceAccount, refused)
  const everywhere = refused.some(({ needed }) => needed.namespace === undefined)
  return {
    code: 'grafana/sidecar-forbidden',
    subject,
    about: [access.serviceAccount],
    message: `The dashboard sidecar of ${formatRef(subject)} may not ${refused.map(({ needed }) => inWords(needed)).join(', ')}`,
    evidence: [first ?? { ref: access.serviceAccount, expected: 'allowed', actual: 'refused' }, ...rest],
    because: everywhere
      ? 'it is told to search all namespaces, and its ServiceAccount has no ClusterRole for that: with rbac.namespaced the chart makes only a Role'
      : 'its ServiceAccount has no Role for that in the namespace it is told to search',
    fixes: [
      sourceFix(grafana, sidecar, refused, prometheuses),
      ...(onlySecrets(refused) ? [] : [liveFix(access, refused)]),
    ],
  }
}

const verify = ['grafana-sidecar-permitted', 'grafana-sidecar-running', 'grafana-dashboard-loaded']

/** Then it takes no new right: the dashboard comes in a ConfigMap, and nobody should read Secrets for it. */
const onlySecrets = (refused: SidecarAccess['answers']): boolean =>
  refused.every(({ needed }) => needed.resource === 'secrets')

const sourceFix = (
  grafana: Grafana,
  { settings }: Sidecar,
  refused: SidecarAccess['answers'],
  prometheuses: Read<Listing<Prometheus>>,
): Fix => {
  const namespaces = [...new Set(refused.flatMap(({ needed }) => needed.namespace ?? []))]
  return grafanaValueFix({
    grafana,
    prometheuses,
    id: 'permit-sidecar',
    title: onlySecrets(refused)
      ? 'Let the sidecar fetch ConfigMaps only'
      : 'Let the chart grant what the sidecar is told to search',
    set: onlySecrets(refused)
      ? { 'sidecar.dashboards.resource': 'configmap' }
      : namespaces.length === 0
        ? { 'rbac.create': true, 'rbac.namespaced': false }
        : { 'rbac.create': true, 'rbac.namespaces': namespaces },
    verify,
    byHand: {
      text: `Grant the ServiceAccount what the sidecar needs (NAMESPACE is ${settings.NAMESPACE ?? 'not set'}), or tell the sidecar to search less.`,
    },
  })
}

const liveFix = ({ serviceAccount }: SidecarAccess, refused: SidecarAccess['answers']): Fix => ({
  id: 'grant-sidecar',
  title: `Grant ${formatRef(serviceAccount)} what is refused: ${refused.map(({ needed }) => inWords(needed)).join(', ')}`,
  risk: 'disruptive',
  at: 'live',
  steps: grantSteps(serviceAccount, 'sidecar', refused),
  lasts: 'Yes: no release owns the role. Delete it once the chart grants the same.',
  verify,
})

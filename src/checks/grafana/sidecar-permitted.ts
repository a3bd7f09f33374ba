import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Grafana, Sidecar, SidecarAccess } from '../../model/grafana.ts'
import type { Pod, Prometheus } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { servingGrafanas } from '../dashboard/nearest-delivery.ts'
import { defineCheck } from '../define-check.ts'
import { isWorking, sidecarPods } from './sidecar-pods.ts'
import { grafanaValueFix } from './value-fix.ts'

export const sidecarPermitted = defineCheck({
  id: 'grafana-sidecar-permitted',
  title: 'The dashboard sidecar may read what it looks for',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles', 'sidecarAccess'],
  wants: ['grafanaPods', 'loadedDashboards', 'prometheuses'],
  live: true,
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'grafana/sidecar-forbidden': {
      title: 'The dashboard sidecar’s ServiceAccount may not list or watch what it looks for',
      severity: 'error',
    },
  },
  run({ sidecarAccess, grafanaPods, prometheuses, ...facts }) {
    const { chains, grafanas } = facts
    if (chains.items.length === 0) return { notApplicable: 'there is no Dynamo operator' }
    if (grafanas.items.every(({ sidecar }) => sidecar === undefined))
      return { notApplicable: 'no Grafana has a dashboard sidecar' }
    const serving = servingGrafanas(facts)
    const pods = grafanaPods.ok ? grafanaPods.value.items : []
    const judged = serving.flatMap(grafana => judge(grafana, sidecarAccess.items, pods))
    const notes = judged
      .filter(({ refused }) => refused.length === 0)
      .map(({ access }) => formatRef(access.serviceAccount))
    if (serving.length === 0 || notes.length > 0) return { findings: [], notes }
    return {
      findings: judged.map(judgement => forbidden(judgement, prometheuses)),
      unknown: sidecarAccess.unread.map(unavailable => ({
        missing: [unavailable],
        reason: 'what the dashboard sidecar’s ServiceAccount may do',
      })),
      notes,
    }
  },
})

interface Judgement {
  readonly grafana: Grafana
  readonly sidecar: Sidecar
  readonly access: SidecarAccess
  readonly refused: SidecarAccess['answers']
}

const judge = (grafana: Grafana, accesses: readonly SidecarAccess[], pods: readonly Pod[]): readonly Judgement[] => {
  const access = accesses.find(candidate => sameObject(candidate.grafana, refOf(grafana.workload)))
  if (!access || !grafana.sidecar) return []
  const refused = access.answers.filter(({ allowed }) => !allowed)
  return [{ grafana, sidecar: grafana.sidecar, access, refused: matters(grafana, refused, pods) ? refused : [] }]
}

/**
 * Before 1.31 a refusal of Secrets leaves ConfigMaps alone. Where the image does not tell the version, a sidecar that
 * runs all the same is such a one.
 */
const matters = (grafana: Grafana, refused: SidecarAccess['answers'], pods: readonly Pod[]): boolean =>
  grafana.sidecar?.version !== undefined ||
  refused.some(({ needed }) => needed.resource !== 'secrets') ||
  !sidecarPods(grafana, pods).some(isWorking)

const forbidden = (
  { grafana, access, refused, sidecar }: Judgement,
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/sidecar-forbidden'> => {
  const subject = refOf(grafana.workload)
  const [first, ...rest] = refused.map(
    ({ needed, reason }): Evidence => ({
      ref: access.serviceAccount,
      path: inWords(needed),
      expected: 'allowed',
      actual: reason ? `refused: ${reason}` : 'refused',
    }),
  )
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

type Needed = SidecarAccess['answers'][number]['needed']

const inWords = (needed: Needed): string => `${needed.verb} ${placeInWords(needed)}`

const placeInWords = ({ resource, namespace }: Needed): string =>
  `${resource} ${namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`}`

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

/** A role of our own beside the chart's: get, list and watch of exactly what is refused. */
const liveFix = ({ serviceAccount }: SidecarAccess, refused: SidecarAccess['answers']): Fix => {
  const name = `dynamo-metrics-${serviceAccount.name}`
  const places = [...new Set(refused.map(({ needed }) => needed.namespace))]
  return {
    id: 'grant-sidecar',
    title: `Grant ${formatRef(serviceAccount)} what is refused: ${[...new Set(refused.map(({ needed }) => placeInWords(needed)))].join(', ')}`,
    risk: 'disruptive',
    at: 'live',
    steps: places.flatMap(namespace => {
      const kind = namespace === undefined ? 'ClusterRole' : 'Role'
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
      const resources = [
        ...new Set(refused.filter(({ needed }) => needed.namespace === namespace).map(({ needed }) => needed.resource)),
      ]
      return [
        {
          do: 'apply' as const,
          manifest: {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind,
            metadata,
            rules: [{ apiGroups: [''], resources, verbs: ['get', 'list', 'watch'] }],
          },
        },
        {
          do: 'apply' as const,
          manifest: {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: `${kind}Binding`,
            metadata,
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
            subjects: [{ kind: 'ServiceAccount', name: serviceAccount.name, namespace: serviceAccount.namespace }],
          },
        },
      ]
    }),
    lasts: 'Yes: no release owns the role. Delete it once the chart grants the same.',
    verify,
  }
}

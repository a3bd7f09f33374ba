import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { ScrapeAccess, Target } from '../../model/prometheus.ts'
import type { Listing, Read } from '../../model/read.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { beforeScrape } from './caused-by.ts'
import { accountOf, type Link, linksOf, nameOf } from './links.ts'
import { errorOf } from './target-error.ts'

type Code = 'scrape/unauthorized' | 'scrape/forbidden'

export const scrapeAuthorized = defineCheck({
  id: 'scrape-authorized',
  title: 'Prometheus may read the metrics',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses'],
  wants: ['prometheusStates', 'scrapeAccess', 'namespaces', 'prometheusOperators'],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/unauthorized': {
      title: 'The operator does not know who scrapes it (401)',
      severity: 'error',
      causedBy: beforeScrape,
    },
    'scrape/forbidden': {
      title: 'The Prometheus ServiceAccount may not read /metrics (403)',
      severity: 'error',
      causedBy: beforeScrape,
    },
  },
  run({ chains, serviceMonitors, prometheuses, prometheusStates, scrapeAccess, namespaces, prometheusOperators }) {
    const concerned = concernedPrometheuses({
      prometheuses,
      chains: { ok: true, value: chains },
      serviceMonitors: { ok: true, value: serviceMonitors },
      namespaces,
    })
    const links = linksOf(concerned, { chains, serviceMonitors, prometheusStates, prometheusOperators })
    if (links.length === 0) return { notApplicable: 'there is no ServiceMonitor' }
    const judged = links.map(link => ({ link, refused: refusedBy(link), denied: deniedTo(link, scrapeAccess) }))
    return {
      findings: judged.flatMap(({ link, refused, denied }) => {
        if (refused?.code === 'scrape/unauthorized') return [unauthorized(link, refused)]
        return refused || denied.length > 0 ? [forbidden(link, refused, denied)] : []
      }),
      unknown: judged
        .filter(({ link, denied }) => denied.length === 0 && !answered(link) && !scrapeAccess.ok)
        .map(({ link }) => ({
          missing: [
            ...(scrapeAccess.ok ? [] : [scrapeAccess.unavailable]),
            ...(prometheusStates.ok ? [] : [prometheusStates.unavailable]),
          ],
          reason: `whether ${formatRef(accountOf(link.prometheus))} may read /metrics`,
        })),
      notes: judged
        .filter(({ refused, denied }) => !refused && denied.length === 0)
        .map(({ link }) => `${formatRef(accountOf(link.prometheus))} may read /metrics`),
    }
  },
})

interface Refusal {
  readonly code: Code
  readonly target: Target
}

const targetsOf = ({ shards }: Link): readonly Target[] =>
  shards.flatMap(({ active }) => (active.ok ? active.value : []))

const answered = (link: Link): boolean => targetsOf(link).some(({ health }) => health !== 'unknown')

const refusedBy = (link: Link): Refusal | undefined =>
  targetsOf(link).flatMap(target => {
    const { code } = errorOf(target, link.chain)
    return target.health === 'down' && (code === 'scrape/unauthorized' || code === 'scrape/forbidden')
      ? [{ code, target }]
      : []
  })[0]

/** What the API server's own review denies. A target that is up proves that this operator does not ask it. */
const deniedTo = (link: Link, access: Read<Listing<ScrapeAccess>>): readonly ScrapeAccess['answers'][number][] =>
  access.ok && !targetsOf(link).some(({ health }) => health === 'up')
    ? access.value.items
        .filter(({ prometheus }) => sameObject(prometheus, refOf(link.prometheus)))
        .flatMap(({ answers }) => answers.filter(({ needed, allowed }) => needed.path !== undefined && !allowed))
    : []

const aboutOf = (link: Link, subject: ObjectRef): readonly ObjectRef[] => [...link.about, subject]

const unauthorized = (link: Link, { target }: Refusal): Finding<Code> => {
  const [monitor] = link.monitors
  const subject = monitor ? refOf(monitor) : refOf(link.prometheus)
  const endpoint = monitor?.spec?.endpoints?.[0]
  const sends = Boolean(endpoint?.bearerTokenFile || endpoint?.authorization || endpoint?.bearerTokenSecret?.name)
  return {
    code: 'scrape/unauthorized',
    subject,
    about: aboutOf(link, subject),
    message: `${nameOf(link)} is turned away by the operator: ${sends ? 'its token is not accepted' : 'it sends no token'}`,
    evidence: [
      {
        ref: subject,
        path: 'spec.endpoints[0].bearerTokenFile',
        expected: 'the token of the Prometheus ServiceAccount',
        actual: endpoint?.bearerTokenFile ?? 'none',
      },
      { ref: refOf(link.prometheus), path: `target ${target.scrapeUrl}`, expected: 'up', actual: target.lastError },
    ],
    because: sends
      ? 'the token file is missing from the pod, has expired, or the operator may not have tokens reviewed'
      : 'from 1.0 on the operator answers only to a ServiceAccount that it can verify',
    fixes: [sends ? tokenFix(link) : addToken(subject)],
  }
}

const addToken = (subject: ObjectRef): Fix => ({
  id: 'send-token',
  title: 'Let the ServiceMonitor send the ServiceAccount’s token',
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: subject,
      type: 'json',
      patch: [
        {
          op: 'add',
          path: '/spec/endpoints/0/bearerTokenFile',
          value: '/var/run/secrets/kubernetes.io/serviceaccount/token',
        },
      ],
    },
  ],
  lasts: 'Yes where the release renders the same: the object only drifted from it.',
  verify: ['scrape-authorized', 'scrape-target-up'],
})

const tokenFix = ({ chain, prometheus }: Link): Fix => ({
  id: 'see-token',
  title: 'See whether the token is there, and whether the operator may have it reviewed',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: 'The Prometheus object must not switch automountServiceAccountToken off, and the operator’s own ServiceAccount needs create on tokenreviews and subjectaccessreviews.',
      commands: [
        `kubectl -n ${prometheus.metadata.namespace} get prometheus ${prometheus.metadata.name} -o jsonpath='{.spec.automountServiceAccountToken}'`,
        `kubectl auth can-i create tokenreviews.authentication.k8s.io --as=system:serviceaccount:${chain.workload.metadata.namespace}:${chain.workload.spec?.template?.spec?.serviceAccountName ?? 'default'}`,
      ],
    },
  ],
  lasts: 'Yes, when it is changed in the values of the release. The operator keeps a verdict on a token for a minute.',
  verify: ['scrape-authorized', 'scrape-target-up'],
})

const forbidden = (
  link: Link,
  refused: Refusal | undefined,
  denied: readonly ScrapeAccess['answers'][number][],
): Finding<Code> => {
  const subject = accountOf(link.prometheus)
  const path = denied[0]?.needed.path ?? '/metrics'
  const name = `dynamo-metrics-${subject.namespace}-${subject.name}`.slice(0, 63)
  const labels = { 'app.kubernetes.io/managed-by': 'dynamo-metrics' }
  const [first, ...rest] = [
    ...denied.map(({ needed, reason }) => ({
      ref: subject,
      path: `${needed.verb} ${needed.path}`,
      expected: 'allowed',
      actual: reason ? `refused (${reason})` : 'refused',
    })),
    ...(refused
      ? [
          {
            ref: refOf(link.prometheus),
            path: `target ${refused.target.scrapeUrl}`,
            expected: 'up',
            actual: refused.target.lastError,
          },
        ]
      : []),
  ]
  return {
    code: 'scrape/forbidden',
    subject,
    about: aboutOf(link, subject),
    message: `${formatRef(subject)}, which ${nameOf(link)} runs as, may not read ${path} of the operator`,
    evidence: [first ?? { ref: subject, path: `get ${path}`, expected: 'allowed', actual: 'refused' }, ...rest],
    because:
      'from 1.0 on the operator asks the API server whether the scraping ServiceAccount may get the non-resource URL /metrics',
    fixes: [
      {
        id: 'grant-metrics',
        title: `Grant ${formatRef(subject)} get on ${path}`,
        risk: 'disruptive',
        at: 'live',
        steps: [
          {
            do: 'apply',
            manifest: {
              apiVersion: 'rbac.authorization.k8s.io/v1',
              kind: 'ClusterRole',
              metadata: { name, labels },
              rules: [{ nonResourceURLs: [path], verbs: ['get'] }],
            },
          },
          {
            do: 'apply',
            manifest: {
              apiVersion: 'rbac.authorization.k8s.io/v1',
              kind: 'ClusterRoleBinding',
              metadata: { name, labels },
              roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
              subjects: [{ kind: 'ServiceAccount', name: subject.name, namespace: subject.namespace }],
            },
          },
        ],
        lasts:
          'Yes: the role and the binding are your own. The operator keeps a refusal for half a minute, so the target comes up shortly after.',
        verify: ['scrape-authorized', 'scrape-target-up'],
      },
    ],
  }
}

import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Endpoint, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { ScrapeAccess, Target } from '../../model/prometheus.ts'
import type { Listing, Read, Unavailable } from '../../model/read.ts'
import { classifyScrapeError } from '../../prometheus/scrape-error.ts'
import { monitorOfPool } from '../../prometheus/scrape-pools.ts'
import { defineCheck } from '../define-check.ts'
import { beforeScrape } from './caused-by.ts'
import { lastsOn } from './lasts-on.ts'
import { accountOf, isUpSomewhere, type Link, linksOf, nameOf, targetsOf } from './links.ts'

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
  run(facts) {
    const { prometheusStates, scrapeAccess } = facts
    const links = linksOf(facts, prometheusStates.ok ? prometheusStates.value.items : [])
    if (links.length === 0) return { notApplicable: 'there is no ServiceMonitor' }
    const judged = links.map(link => judge(link, scrapeAccess))
    const unread = [prometheusStates, scrapeAccess].flatMap((read): readonly Unavailable[] =>
      read.ok ? read.value.unread : [read.unavailable],
    )
    return {
      findings: judged.flatMap(judgement =>
        isUpSomewhere(judgement.link, links)
          ? findingOf(judgement).map(finding => ({ ...finding, severity: 'warning' }))
          : findingOf(judgement),
      ),
      unknown: judged
        .filter(({ verdict }) => verdict === 'unknown')
        .map(({ link }) => ({
          missing: unread,
          reason: `whether ${formatRef(accountOf(link.prometheus))} may read the metrics of ${link.chain.id}`,
        })),
      notes: judged
        .filter(({ verdict }) => verdict === 'allowed')
        .map(({ link }) => `${formatRef(accountOf(link.prometheus))} may read the metrics of ${link.chain.id}`),
    }
  },
})

type Answer = ScrapeAccess['answers'][number]

interface Judgement {
  readonly link: Link
  readonly verdict: 'allowed' | 'unauthorized' | 'forbidden' | 'unknown'
  /** The target that says so. */
  readonly target?: Target
  readonly denied: readonly Answer[]
}

/**
 * The target's own answer counts before the API server's review: one that is up lets this Prometheus read, whoever it
 * asks for that. Any other answer than a refusal says that the refusal, if there is one, was not reached.
 */
const judge = (link: Link, access: Read<Listing<ScrapeAccess>>): Judgement => {
  const targets = targetsOf(link)
  const refusals = targets.flatMap(target => {
    const { code } = classifyScrapeError(target.lastError, { era: link.chain.era, scrapeUrl: target.scrapeUrl })
    return target.health === 'down' && (code === 'scrape/unauthorized' || code === 'scrape/forbidden')
      ? [{ code, target }]
      : []
  })
  const answers = pathAnswers(link, access)
  const denied = answers.filter(({ allowed }) => !allowed)
  const [refusal] = refusals
  if (targets.some(({ health }) => health === 'up')) return { link, verdict: 'allowed', denied: [] }
  if (refusal)
    return {
      link,
      target: refusal.target,
      denied,
      verdict: refusal.code === 'scrape/forbidden' ? 'forbidden' : 'unauthorized',
    }
  if (denied.length > 0) return { link, verdict: 'forbidden', denied }
  return { link, verdict: answers.length > 0 ? 'allowed' : 'unknown', denied }
}

/** What the API server's review says of reading metrics. Before 1.0 a proxy let /metrics pass, and nobody is asked. */
const pathAnswers = ({ chain, prometheus }: Link, access: Read<Listing<ScrapeAccess>>): readonly Answer[] =>
  access.ok && chain.era !== '0.8' && chain.era !== '0.9'
    ? access.value.items
        .filter(one => sameObject(one.prometheus, refOf(prometheus)))
        .flatMap(({ answers }) => answers.filter(({ needed }) => needed.path !== undefined))
    : []

const findingOf = (judgement: Judgement): readonly Finding<Code>[] => {
  const { verdict, target } = judgement
  if (verdict === 'forbidden') return [forbidden(judgement)]
  return verdict === 'unauthorized' && target ? [unauthorized(judgement, target)] : []
}

const targetEvidence = ({ prometheus }: Link, { scrapeUrl, lastError }: Target): Evidence => ({
  ref: refOf(prometheus),
  path: `target ${scrapeUrl}`,
  expected: 'up',
  actual: lastError,
})

/** What was sent, and what keeps it from being taken, in the order in which it would have to be repaired. */
const unauthorized = ({ link }: Judgement, target: Target): Finding<Code> => {
  const origin = monitorOfPool(target.scrapePool)
  const monitor = link.monitors.find(({ metadata }) => metadata.name === origin?.name) ?? link.monitors[0]
  const fault = tokenFault(link, monitor, origin?.index ?? 0, target)
  return {
    code: 'scrape/unauthorized',
    subject: fault.subject,
    about: [...link.about, fault.subject],
    message: `${nameOf(link)} is turned away by the operator: ${fault.message}`,
    evidence: [targetEvidence(link, target), ...fault.evidence],
    because: fault.because,
    fixes: [fault.fix],
  }
}

interface TokenFault {
  readonly subject: ObjectRef
  readonly message: string
  readonly evidence: readonly Evidence[]
  readonly because: string
  readonly fix: Fix
}

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount/token'
const verify = ['scrape-authorized', 'scrape-target-up']

const tokenFault = (link: Link, monitor: ServiceMonitor | undefined, index: number, target: Target): TokenFault => {
  const endpoint = monitor?.spec?.endpoints?.[index]
  if (monitor && !sendsToken(endpoint)) return noToken(monitor, index)
  if (link.prometheus.spec?.automountServiceAccountToken === false && endpoint?.bearerTokenFile) return notMounted(link)
  return /HTTP status 500/.test(target.lastError) ? notReviewed(link) : notAccepted(link, monitor, index)
}

const sendsToken = (endpoint: Endpoint | undefined): boolean =>
  Boolean(endpoint?.bearerTokenFile || endpoint?.authorization || endpoint?.bearerTokenSecret?.name || endpoint?.oauth2)

const noToken = (monitor: ServiceMonitor, index: number): TokenFault => {
  const subject = refOf(monitor)
  return {
    subject,
    message: 'it sends no token',
    evidence: [
      { ref: subject, path: `spec.endpoints[${index}].bearerTokenFile`, expected: tokenPath, actual: 'not set' },
    ],
    because:
      'from 1.0 on the operator answers only to an account that it can verify, and this ServiceMonitor names no token',
    fix: {
      id: 'send-token',
      title: 'Let the ServiceMonitor send the token of the Prometheus ServiceAccount',
      risk: 'disruptive',
      at: 'live',
      steps: [
        {
          do: 'patch',
          target: subject,
          type: 'json',
          patch: [{ op: 'add', path: `/spec/endpoints/${index}/bearerTokenFile`, value: tokenPath }],
        },
      ],
      lasts: lastsOn(monitor),
      verify,
    },
  }
}

const notMounted = ({ prometheus }: Link): TokenFault => {
  const subject = refOf(prometheus)
  return {
    subject,
    message: 'its pods have no token to send',
    evidence: [{ ref: subject, path: 'spec.automountServiceAccountToken', expected: 'true', actual: 'false' }],
    because:
      'the Prometheus object keeps the ServiceAccount’s token out of its pods, and the ServiceMonitor sends that token',
    fix: {
      id: 'mount-token',
      title: 'Mount the ServiceAccount’s token in the Prometheus pods',
      risk: 'disruptive',
      at: 'live',
      steps: [{ do: 'patch', target: subject, type: 'merge', patch: { spec: { automountServiceAccountToken: true } } }],
      lasts: `${lastsOn(prometheus)} It restarts the Prometheus pods.`,
      verify,
    },
  }
}

/** The operator answers 500 where the token is invalid, and where it may not have tokens reviewed: the log tells which. */
const notReviewed = ({ chain }: Link): TokenFault => {
  const subject = refOf(chain.workload)
  const { namespace, name } = chain.workload.metadata
  const account = chain.workload.spec?.template?.spec?.serviceAccountName ?? 'default'
  const can = (resource: string) =>
    `kubectl auth can-i create ${resource} --as=system:serviceaccount:${namespace}:${account}`
  return {
    subject,
    message: 'it could not have the token checked',
    evidence: [],
    because:
      'the operator asks the API server about every token; it answers 500 where it may not ask, and where the token is invalid',
    fix: {
      id: 'see-token-review',
      title: 'See whether the operator may have tokens reviewed',
      risk: 'manual',
      at: 'source',
      steps: [
        {
          do: 'tell',
          text: 'The operator’s own ServiceAccount needs create on tokenreviews and subjectaccessreviews; the Dynamo chart grants it. Where it has both, the token itself is invalid.',
          commands: [
            can('tokenreviews.authentication.k8s.io'),
            can('subjectaccessreviews.authorization.k8s.io'),
            `kubectl -n ${namespace} logs deployment/${name} --all-containers --tail=100 | grep -i authenticat`,
          ],
        },
      ],
      lasts: 'Yes, when the chart renders the role again. The operator keeps a verdict on a token for a minute.',
      verify,
    },
  }
}

const notAccepted = ({ prometheus }: Link, monitor: ServiceMonitor | undefined, index: number): TokenFault => {
  const subject = monitor ? refOf(monitor) : refOf(prometheus)
  const endpoint = monitor?.spec?.endpoints?.[index]
  const { namespace, name } = prometheus.metadata
  return {
    subject,
    message: 'its token is not accepted',
    evidence: [
      {
        ref: subject,
        path: `spec.endpoints[${index}].${endpoint?.bearerTokenFile ? 'bearerTokenFile' : 'authorization'}`,
        expected: 'a token that the API server takes',
        actual: endpoint?.bearerTokenFile ?? 'a token that it does not take',
      },
    ],
    because: 'the file is not in the Prometheus pod, or the token has expired or is another cluster’s',
    fix: {
      id: 'see-token',
      title: 'See whether the token is there and valid',
      risk: 'manual',
      at: 'source',
      steps: [
        {
          do: 'tell',
          text: 'The file must exist in the Prometheus container, and hold a token of this cluster that has not expired.',
          commands: [
            `kubectl -n ${namespace} get pods -l operator.prometheus.io/name=${name} -o jsonpath='{.items[*].spec.volumes[*].projected.sources[*].serviceAccountToken}'`,
            `kubectl -n ${namespace} get serviceaccount ${prometheus.spec?.serviceAccountName ?? 'default'} -o jsonpath='{.automountServiceAccountToken}'`,
          ],
        },
      ],
      lasts: 'Yes, when it is changed in the values of the release.',
      verify,
    },
  }
}

const forbidden = ({ link, target, denied }: Judgement): Finding<Code> => {
  const subject = accountOf(link.prometheus)
  const path = denied[0]?.needed.path ?? /^\w+:\/\/[^/]+(\/[^?]*)/.exec(target?.scrapeUrl ?? '')?.[1] ?? '/metrics'
  const [first, ...rest] = [
    ...(target ? [targetEvidence(link, target)] : []),
    ...denied.map(({ needed, reason }) => ({
      ref: subject,
      path: `${needed.verb} ${needed.path}`,
      expected: 'allowed',
      actual: reason ? `refused (${reason})` : 'refused',
    })),
  ]
  return {
    code: 'scrape/forbidden',
    subject,
    about: [...link.about, subject],
    message: `${formatRef(subject)}, which ${nameOf(link)} runs as, may not read ${path} of the operator`,
    evidence: [first ?? { ref: subject, path: `get ${path}`, expected: 'allowed', actual: 'refused' }, ...rest],
    because:
      'from 1.0 on the operator asks the API server whether the account that scrapes it may get the non-resource URL /metrics',
    fixes: [sendsOwnToken(link, target) ? grantOther(path) : grantPath(subject, path)],
  }
}

/** A token of the ServiceMonitor's own is another account's than the Prometheus's. */
const sendsOwnToken = ({ monitors }: Link, target: Target | undefined): boolean => {
  const origin = monitorOfPool(target?.scrapePool ?? '')
  const endpoint = monitors.find(({ metadata }) => metadata.name === origin?.name)?.spec?.endpoints?.[
    origin?.index ?? 0
  ]
  return endpoint !== undefined && !endpoint.bearerTokenFile && sendsToken(endpoint)
}

const grantOther = (path: string): Fix => ({
  id: 'grant-token-owner',
  title: 'Grant the account whose token the ServiceMonitor sends',
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: `The ServiceMonitor sends a token from a Secret: the account that this token belongs to needs get on the non-resource URL ${path}.`,
    },
  ],
  lasts: 'Yes: the role and the binding are your own.',
  verify,
})

const grantPath = (account: ObjectRef, path: string): Fix => {
  const name = `dynamo-metrics-${account.namespace}-${account.name}`.slice(0, 63)
  const metadata = { name, labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' } }
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  return {
    id: 'grant-metrics',
    title: `Grant ${formatRef(account)} get on ${path}`,
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'apply',
        manifest: { apiVersion, kind: 'ClusterRole', metadata, rules: [{ nonResourceURLs: [path], verbs: ['get'] }] },
      },
      {
        do: 'apply',
        manifest: {
          apiVersion,
          kind: 'ClusterRoleBinding',
          metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
          subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }],
        },
      },
    ],
    lasts:
      'Yes: the role and the binding are your own. The operator keeps a refusal for half a minute, so the target comes up shortly after.',
    verify,
  }
}

import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Endpoint, ServiceMonitor } from '../../model/kubernetes.ts'
import type { Target } from '../../model/prometheus.ts'
import { scrapeClassOf } from '../../prometheus/target-relabelings.ts'
import type { Repair } from './failure.ts'
import { lastsOn } from './lasts-on.ts'
import { leftOut } from './left-out.ts'
import { type Link, originOf } from './links.ts'
import { isTokenKeptOut, mountToken, tokenKeptOut, tokenPath } from './mounted-token.ts'

/** Why the operator does not take the token of a scrape, and the object to change. */
export interface TokenFault extends Repair {
  readonly message: string
}

/** What keeps the token from being taken, in the order in which it would have to be repaired. */
export const tokenFault = (link: Link, target: Target): TokenFault => {
  const { monitor = link.monitors[0], index = 0 } = originOf(link, target) ?? {}
  const missed = leftOut({ link, monitor, index, target })
  if (missed) return { ...missed, message: 'what it would log in with is not in its configuration' }
  const endpoint = monitor?.spec?.endpoints?.[index]
  const inherited = monitor && scrapeClassOf(monitor, link.prometheus)
  if (monitor && !sendsToken(endpoint))
    return inherited?.scrapeClass.authorization ? classToken(link, inherited.index) : noToken(monitor, index)
  if (isTokenKeptOut(link.prometheus) && endpoint?.bearerTokenFile) return notMounted(link)
  return /HTTP status 500/.test(target.lastError) ? notReviewed(link) : notAccepted(link, monitor, index)
}

export const sendsToken = (endpoint: Endpoint | undefined): boolean =>
  Boolean(endpoint?.bearerTokenFile || endpoint?.authorization || endpoint?.bearerTokenSecret?.name || endpoint?.oauth2)

const verify = ['scrape-authorized', 'scrape-target-up']

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
    fixes: [
      {
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
    ],
  }
}

/** A class is in the Prometheus object, and a Secret that it names is not read for the ServiceMonitors that use it. */
const classToken = ({ prometheus }: Link, index: number): TokenFault => {
  const subject = refOf(prometheus)
  const path = `spec.scrapeClasses[${index}].authorization`
  return {
    subject,
    message: 'the token of its scrape class is not accepted',
    evidence: [
      {
        ref: subject,
        path,
        expected: 'a credentialsFile whose token the API server takes',
        actual: JSON.stringify(prometheus.spec?.scrapeClasses?.[index]?.authorization),
      },
    ],
    because:
      'the ServiceMonitor leaves its login to the scrape class, of which prometheus-operator takes a credentialsFile and no Secret',
    fixes: [
      {
        id: 'name-credentials-file',
        title: 'Let the scrape class name a token file',
        risk: 'manual',
        at: 'source',
        steps: [{ do: 'tell', text: `Set credentialsFile: ${tokenPath} in ${path} of ${formatRef(subject)}.` }],
        lasts: 'Yes, when it is changed in the values that render the object.',
        verify,
      },
    ],
  }
}

const notMounted = ({ prometheus }: Link): TokenFault => ({
  subject: refOf(prometheus),
  message: 'its pods have no token to send',
  evidence: [tokenKeptOut(prometheus)],
  because:
    'the Prometheus object keeps the ServiceAccount’s token out of its pods, and the ServiceMonitor sends that token',
  fixes: [mountToken(prometheus, verify)],
})

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
    fixes: [
      {
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
    ],
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
    fixes: [
      {
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
    ],
  }
}

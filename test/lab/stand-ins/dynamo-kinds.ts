import semver from 'semver'

/** Of a resource what its state is read from. */
export interface DynamoStatus {
  readonly state?: string
  readonly phase?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  readonly totalEndpoints?: number
  readonly readyEndpoints?: number
  readonly selector?: string
  readonly replicas?: number
}

export interface DynamoKind {
  readonly kind: string
  readonly plural: string
  /** The version of its API that the operator reads. */
  readonly served: 'v1alpha1' | 'v1beta1'
  /** Whether a webhook validates it. */
  readonly validated: boolean
  /** Its state as the operator counts it; absent: it is neither reconciled nor counted. */
  readonly stateOf?: (status: DynamoStatus) => string
}

/** The kinds that the operator of a version knows, and what it calls their states (upstream: each one's GetState). */
export function dynamoKinds(version: string): readonly DynamoKind[] {
  // Nothing maps an empty status since then (upstream #6324): the label is empty, and Prometheus leaves it out.
  const empty = isBefore(version, '1.0.0') ? 'unknown' : ''
  const readyWhere = (isReady: (status: DynamoStatus) => boolean) => (status: DynamoStatus) =>
    isReady(status) ? 'ready' : 'not_ready'
  return [
    {
      kind: 'DynamoGraphDeployment',
      plural: 'dynamographdeployments',
      served: 'v1alpha1',
      validated: true,
      stateOf: ({ state }) => state || empty,
    },
    {
      kind: 'DynamoComponentDeployment',
      plural: 'dynamocomponentdeployments',
      served: 'v1alpha1',
      validated: true,
      stateOf: readyWhere(({ conditions = [] }) =>
        conditions.some(({ type, status }) => type === 'Available' && status === 'True'),
      ),
    },
    {
      kind: 'DynamoModel',
      plural: 'dynamomodels',
      served: 'v1alpha1',
      validated: true,
      stateOf: readyWhere(({ totalEndpoints = 0, readyEndpoints = 0 }) =>
        Boolean(totalEndpoints && readyEndpoints >= totalEndpoints),
      ),
    },
    {
      kind: 'DynamoGraphDeploymentRequest',
      plural: 'dynamographdeploymentrequests',
      validated: true,
      // Upstream #6557: the phase of v1beta1 took the place of the state.
      ...(isBefore(version, '1.0.0')
        ? { served: 'v1alpha1', stateOf: ({ state }) => state || empty }
        : { served: 'v1beta1', stateOf: ({ phase }) => phase || empty }),
    },
    {
      kind: 'DynamoGraphDeploymentScalingAdapter',
      plural: 'dynamographdeploymentscalingadapters',
      served: 'v1alpha1',
      validated: false,
      stateOf: readyWhere(({ selector, replicas }) => Boolean(selector && replicas)),
    },
    // Upstream #8829, after 1.1.
    ...(isBefore(version, '1.2.0') ? [] : [checkpoint]),
  ]
}

const checkpoint: DynamoKind = {
  kind: 'DynamoCheckpoint',
  plural: 'dynamocheckpoints',
  served: 'v1alpha1',
  validated: true,
}

export const isBefore = (version: string, first: string): boolean => semver.lt(semver.coerce(version) ?? '0.9.0', first)

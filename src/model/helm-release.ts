/**
 * What a Helm release's newest deployed revision says, cut down to what may leave the port: the release
 * Secret also holds every value the user typed, so only the paths of `allowedValues` (src/helm) come through.
 */
export interface HelmRelease {
  readonly namespace: string
  readonly name: string
  readonly revision: number
  readonly status: string
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion?: string }
  /** RFC 3339. */
  readonly firstDeployed?: string
  readonly lastDeployed?: string
  /** Dotted value path -> the user's own value. */
  readonly values: Readonly<Record<string, unknown>>
  /** Dotted value path -> the chart's default. */
  readonly defaults: Readonly<Record<string, unknown>>
}

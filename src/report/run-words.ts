import type { Report, ReportedFix } from '../model/report.ts'

/** What the run came to and what it cost: `18 passed · 1 failed · 27 requests · 0.4 s`. */
export const runWords = ({ counts, requests, seconds, waited }: Report): string =>
  [
    ...Object.entries(counts)
      .filter(([, number]) => number > 0)
      .map(([name, number]) => `${number} ${name}`),
    `${requests} requests`,
    `${seconds.toFixed(1)} s`,
    ...(waited ? [`waited ${waited.seconds.toFixed(1)} s`] : []),
  ].join(' · ')

/** Who makes a fix, at what risk and where: `safe, in the cluster`. */
export const howWords = ({ risk, at }: Pick<ReportedFix, 'risk' | 'at'>): string =>
  risk === 'manual' ? 'by hand' : `${risk}, ${at === 'source' ? 'at the source' : 'in the cluster'}`

/** What is said of a check that crashed. */
export const ownFault = 'This is a fault of dynamo-metrics; please report it with the output of --verbose.'

import type { Chain } from '../../model/chain.ts'
import type { Target } from '../../model/prometheus.ts'
import { classifyScrapeError } from '../../prometheus/scrape-error.ts'

/**
 * The code of a target's last error. From era 1.0 the operator answers 500 where it cannot have a token reviewed
 * (controller-runtime: "Authentication failed"): then it is the login that failed, not the metrics.
 */
export const errorOf = ({ lastError }: Target, { era }: Chain): ReturnType<typeof classifyScrapeError> =>
  /HTTP status 500/.test(lastError) && era !== '0.8' && era !== '0.9'
    ? { code: 'scrape/unauthorized', detail: lastError }
    : classifyScrapeError(lastError)

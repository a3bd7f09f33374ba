import { refOf } from '../kubernetes/object-ref.ts'
import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { ScrapeAccess } from '../model/prometheus.ts'
import type { Read } from '../model/read.ts'
import { accessNeeded } from '../prometheus/access-needed.ts'
import { accountOf } from '../prometheus/account-of.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { accessAnswers } from './access-answers.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'

/** What the Prometheus ServiceAccounts may do of what service discovery and the scrape need. */
export const scrapeAccess: FactReader<'scrapeAccess'> = async context => {
  const [chains, monitors, prometheuses] = await Promise.all([
    context.fact('chains'),
    context.fact('serviceMonitors'),
    context.fact('prometheuses'),
  ])
  if (!chains.ok) return chains
  if (!monitors.ok) return monitors
  if (!prometheuses.ok) return prometheuses
  const relevant = chains.value.items.flatMap(chain => monitorsOf(chain, monitors.value.items))
  return together(
    await Promise.all(prometheuses.value.items.map(prometheus => accessOf(context, prometheus, relevant))),
  )
}

const accessOf = async (
  context: ReadContext,
  prometheus: Prometheus,
  monitors: readonly ServiceMonitor[],
): Promise<Read<readonly ScrapeAccess[]>> => {
  const serviceAccount = accountOf(prometheus)
  const { namespace = '', name } = serviceAccount
  const answers = await accessAnswers(context, { namespace, name }, accessNeeded(prometheus, monitors))
  if (!answers.ok) return answers
  return {
    ok: true,
    value: [{ prometheus: refOf(prometheus), serviceAccount, answers: answers.value }],
  }
}

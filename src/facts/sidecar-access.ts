import { accessNeeded } from '../grafana/sidecar.ts'
import { refOf, serviceAccountRef } from '../kubernetes/object-ref.ts'
import type { Grafana, SidecarAccess } from '../model/grafana.ts'
import type { Read } from '../model/read.ts'
import { accessAnswers } from './access-answers.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'

/** What the sidecars' ServiceAccounts may do of what the sidecars ask for. */
export const sidecarAccess: FactReader<'sidecarAccess'> = async context => {
  const grafanas = await context.fact('grafanas')
  if (!grafanas.ok) return grafanas
  return together(await Promise.all(grafanas.value.items.map(grafana => accessOf(context, grafana))))
}

const accessOf = async (
  context: ReadContext,
  { workload, sidecar }: Grafana,
): Promise<Read<readonly SidecarAccess[]>> => {
  if (!sidecar) return { ok: true, value: [] }
  const namespace = workload.metadata.namespace ?? ''
  const account = { namespace, name: workload.spec?.template?.spec?.serviceAccountName ?? 'default' }
  const answers = await accessAnswers(context, account, accessNeeded(sidecar, namespace))
  if (!answers.ok) return answers
  return {
    ok: true,
    value: [
      { grafana: refOf(workload), serviceAccount: serviceAccountRef(namespace, account.name), answers: answers.value },
    ],
  }
}

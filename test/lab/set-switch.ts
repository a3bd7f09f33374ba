import { core, send } from './cluster.ts'
import { faultLabel, names } from './layout.ts'
import type { Switch } from './stand-ins/switches.ts'

/** Tells the stand-ins of a namespace something; `heal` takes it away. */
export async function setSwitch(namespace: string, name: Switch, value: string): Promise<void> {
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: names.switches, labels: { [faultLabel]: 'switch' } },
    data: { [name]: value },
  }
  await send(
    'PATCH',
    `${core(namespace, 'configmaps', names.switches)}?fieldManager=${name}`,
    configMap,
    'application/apply-patch+yaml',
  )
}

import fs from 'node:fs'
import path from 'node:path'

/** The keys of the ConfigMap lab-switches, which the pod runner shows to every stand-in of its namespace. */
export type Switch =
  /** "no": the Dynamo operator closes its metrics port. */
  | 'dynamo-operator.listen'
  /** "no": it takes connections and never answers; "503": it answers with that status. */
  | 'dynamo-operator.answer'
  /** "others": no families but those that every Go program has. */
  | 'dynamo-operator.families'
  /** `20 1790000000`: so many events a second besides the one of every day, in waves, until that time in seconds. */
  | 'dynamo-operator.load'
  /** "none": it does not say what its answer is. */
  | 'dynamo-operator.content-type'
  /** A uid that Grafana refuses to load, until it starts anew. */
  | 'grafana.refuse'
  /** A uid of which Grafana shows all but the last panel, as after a change by its API. */
  | 'grafana.alter'

export function readSwitch(name: Switch): string | undefined {
  try {
    return fs.readFileSync(path.join('/etc/lab-switches', name), 'utf8').trim()
  } catch {
    return undefined
  }
}

import { serviceAccountRef } from '../kubernetes/object-ref.ts'
import type { Prometheus } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'

/** The ServiceAccount that a Prometheus runs as. */
export const accountOf = ({ metadata, spec }: Prometheus): ObjectRef =>
  serviceAccountRef(metadata.namespace ?? '', spec?.serviceAccountName ?? 'default')

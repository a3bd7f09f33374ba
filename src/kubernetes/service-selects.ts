import type { Service } from '../model/kubernetes.ts'

/** Whether a Service's selector takes pods with these labels; one without a selector takes none. */
export const serviceSelects = ({ spec }: Service, labels: Readonly<Record<string, string>> | undefined): boolean => {
  const wanted = Object.entries(spec?.selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value)
}

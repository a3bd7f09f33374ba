import { UserError } from '../model/errors.ts'
import type { Narrowing } from '../model/options.ts'
import type { SearchFlags } from './cluster-flags.ts'

/** What the flags say of where to look. @throws UserError where a NAMESPACE/NAME is none. */
export const narrowingOf = (flags: SearchFlags, ownNamespace: string | undefined): Narrowing => {
  const prometheus = flags.prometheus === undefined ? undefined : named(flags.prometheus, '--prometheus')
  const grafana = flags.grafana === undefined ? undefined : named(flags.grafana, '--grafana')
  const namespaces = [flags['operator-namespace'], prometheus?.namespace, grafana?.namespace, ownNamespace]
  return {
    ...(flags['operator-namespace'] === undefined ? {} : { operatorNamespace: flags['operator-namespace'] }),
    ...(prometheus ? { prometheus } : {}),
    ...(grafana ? { grafana } : {}),
    ...(flags['prometheus-url'] === undefined
      ? {}
      : { prometheusUrl: urlOf(flags['prometheus-url'], '--prometheus-url') }),
    ...(flags['grafana-url'] === undefined ? {} : { grafanaUrl: urlOf(flags['grafana-url'], '--grafana-url') }),
    fallbackNamespaces: [...new Set(namespaces.filter(namespace => namespace !== undefined))],
  }
}

const named = (value: string, flag: string): { readonly namespace: string; readonly name: string } => {
  const [namespace, name, ...rest] = value.split('/')
  if (!namespace || !name || rest.length > 0)
    throw new UserError(`${flag} ${value} is not NAMESPACE/NAME`, {
      hint: `Write it like ${flag} monitoring/prometheus`,
    })
  return { namespace, name }
}

const urlOf = (value: string, flag: string): string => {
  const url = URL.parse(value)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UserError(`${flag} ${value} is no http or https address`, {
      hint: `Write it like ${flag} https://prometheus.example.com`,
    })
  return value
}

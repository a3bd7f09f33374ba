import type { Sidecar, SidecarSettings } from '../model/grafana.ts'

export type SettingName = keyof SidecarSettings

/**
 * k8s-sidecar's settings that change a verdict: what becomes a file, where, when, who asks for it and who may read
 * it. Of those that came later, the version that brought them: an older sidecar does as if they were not set.
 * docs/decisions/0011-sidecar-settings.md says what each changes, and why the others change nothing.
 * Upstream: k8s-sidecar src/sidecar.py, src/resources.py, src/helpers.py and src/client.py, tag by tag.
 */
export const sidecarSettings: Readonly<Record<SettingName, { readonly since?: string }>> = {
  LABEL: {},
  LABEL_VALUE: {},
  NAMESPACE: {},
  RESOURCE: {},
  RESOURCE_NAME: { since: '1.29.0' },
  METHOD: {},
  SLEEP_TIME: { since: '1.0.0' },
  WATCH_SERVER_TIMEOUT: { since: '1.15.0' },
  FOLDER: {},
  FOLDER_ANNOTATION: {},
  UNIQUE_FILENAMES: { since: '0.1.144' },
  IGNORE_ALREADY_PROCESSED: { since: '1.18.0' },
  SCRIPT: { since: '1.11.0' },
  DEFAULT_FILE_MODE: {},
  KUBECONFIG: { since: '1.10.7' },
  REQ_URL: {},
}

/** Whether a setting of two states is on; unknown where it cannot be read. */
export const isOn = ({ settings, unreadable }: Sidecar, name: SettingName): boolean | 'unknown' =>
  unreadable.includes(name) ? 'unknown' : settings[name]?.toLowerCase() === 'true'

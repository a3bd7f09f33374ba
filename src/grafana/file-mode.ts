import type { Sidecar } from '../model/grafana.ts'

/**
 * Whether Grafana surely may not read what the sidecar writes, by the mode that DEFAULT_FILE_MODE gives each file. The
 * one who writes it owns it; root reads everything; who shares a group with whom the pod template does not always say.
 */
export const isHiddenByMode = ({ settings, user, readingUser }: Sidecar): boolean => {
  const mode = modeOf(settings.DEFAULT_FILE_MODE)
  if (mode === undefined || readingUser === undefined || readingUser === 0) return false
  const allowing = user === undefined ? 0o444 : user === readingUser ? 0o400 : 0o044
  return (mode & allowing) === 0
}

/** Whether the mode keeps the sidecar itself from writing a file for the second time, as its image’s user or any but root. */
export const isWrittenOnce = ({ settings, user }: Sidecar): boolean => {
  const mode = modeOf(settings.DEFAULT_FILE_MODE)
  return mode !== undefined && user !== 0 && (mode & 0o200) === 0
}

/** Undefined also for what is no octal number: then a file keeps the mode it was written with. */
const modeOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^(0o)?[0-7]+$/i.test(text) ? Number.parseInt(text.replace(/^0o/i, ''), 8) : undefined

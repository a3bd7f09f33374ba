import { isRecord } from '../model/is-record.ts'
import { redactText } from './redaction.ts'
import type { Sent } from './transport.ts'
import { saidBy } from './unavailable.ts'
import type { WriteFailure, Written } from './writer.ts'

export const failed = (why: WriteFailure['why'], message: string): Written<never> => ({
  ok: false,
  failure: { why, message: oneLine(message) },
})

/** Why a write was not done, with the API server's own words. */
export const writeFailure = (sent: Exclude<Sent<unknown>, { outcome: 'answered' }>): Written<never> => {
  if (sent.outcome === 'failed') return failed('unanswered', sent.message)
  const message = [saidBy(sent.text, sent.status), ...causesOf(sent.text).map(({ message: cause }) => cause)]
    .filter((words, index, all) => !all.slice(0, index).some(before => before.includes(words)))
    .join(': ')
  const managers = causesOf(sent.text).flatMap(({ reason, message: cause }) =>
    reason === 'FieldManagerConflict' ? (/conflict with "([^"]+)"/.exec(cause)?.slice(1) ?? []) : [],
  )
  const why = whyOf(sent.status, message, managers)
  return {
    ok: false,
    failure: {
      why,
      message: oneLine(message),
      ...(managers.length === 0 ? {} : { managers: [...new Set(managers)] }),
    },
  }
}

/** Webhooks and policies may answer with any status, so their words decide first. Another object has another uid. */
const whyOf = (status: number, message: string, managers: readonly string[]): WriteFailure['why'] => {
  if (/admission webhook .*denied|ValidatingAdmissionPolicy .*denied/i.test(message)) return 'refused'
  if (managers.length > 0) return 'conflict'
  if (/metadata\.uid: .*immutable/.test(message)) return 'changed'
  return byStatus[status] ?? (status >= 500 ? 'unanswered' : 'invalid')
}

const byStatus: Readonly<Record<number, WriteFailure['why']>> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'gone',
  408: 'unanswered',
  409: 'changed',
  410: 'gone',
  429: 'unanswered',
}

interface StatusCause {
  readonly reason: string
  readonly message: string
}

/** Status.details.causes. */
const causesOf = (text: string): readonly StatusCause[] => {
  const status = parsed(text)
  const details = isRecord(status) ? status.details : undefined
  const causes = isRecord(details) && Array.isArray(details.causes) ? (details.causes as unknown[]) : []
  return causes.flatMap(cause =>
    isRecord(cause) && typeof cause.message === 'string'
      ? [{ reason: String(cause.reason ?? ''), message: cause.message }]
      : [],
  )
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The server may repeat the whole object, which nobody reads. */
const oneLine = (text: string): string =>
  redactText(text)
    .replace(/\s+/g, ' ')
    .replace(/"(?:[^"\\]|\\.){200,}"/g, '"..."')
    .trim()

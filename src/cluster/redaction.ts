import { cutApplication, isApplication } from '../helm/argo-application.ts'
import { isSecretValue, redactedMark as mark, secretValueOf } from '../kubernetes/secret-value.ts'
import { asText } from '../model/as-text.ts'
import { isRecord } from '../model/is-record.ts'
import type { SecretValue } from '../model/kubernetes.ts'

/**
 * Blanks everything secret in a JSON value, before anything else sees it. Of a Secret only the names of its keys and
 * what kind of value each holds remain, of an Application of Argo CD the values that decide on metrics. Redacting twice changes nothing more, so that a live run and the replay of
 * its snapshot see the same values.
 */
export const redact = <T>(json: T): T => redactJson(json) as T

/** The same for text: tokens, private keys, logins in URLs, e-mail addresses, `password: …`. */
export const redactText = (text: string): string =>
  suspicious.test(text)
    ? patterns
        .reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)
        .replace(setting, blankSetting)
    : text

/** Annotations in which tools keep a second copy of the whole object. */
const copies = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'objectset.rio.cattle.io/applied',
  'banzaicloud.com/last-applied',
  'kapp.k14s.io/original',
])

/** One cheap test for all patterns below: most strings pass through untouched. */
const suspicious =
  /@|eyJ|bearer|authorization|BEGIN|passw|passphrase|[_-]?key|secret|token|gh[pousr]_|github_pat_|glpat-|glsa_|nvapi-|hf_|xox[abp]-|AKIA/i

/** Every repetition before an anchor is bounded, so that a long text costs linear time. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, mark],
  [/eyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g, mark],
  [/(authorization["']?\s{0,8}[:=]\s{0,8}["']?(?:basic|bearer|digest|token|apikey)\s+)[\w.~+/-]+=*/gi, `$1${mark}`],
  [/\b(Bearer\s+)(?!auth|token)[\w.~+/-]{8,}=*/gi, `$1${mark}`],
  [/:\/\/[^\s/:@"'<>\\]{1,128}:(?!\d{1,5}[/?#])[^\s"'<>\\]{1,256}@/g, `://${mark}@`],
  [/:\/\/[^\s/"'<>\\]{1,256}@/g, `://${mark}@`],
  [/[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[A-Za-z]{2,24}/g, mark],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|glsa_|nvapi-|hf_|xox[abp]-|AKIA)[\w-]{12,}/g, mark],
]

/**
 * `password: x`, `"api_key":"x"`, `secret_key = x` in files, logs and flags, also inside a JSON string. References
 * (`$VAR`, `${x}`), nested values and words that are no string stay, so that JSON stays JSON.
 */
const setting =
  /((?:passw(?:or)?d|passphrase|(?:secret|api|access|private)[_-]?key|client[_-]?secret|(?:auth|access|bearer|api)[_-]?token)(?:\\?["'])?[ \t]{0,8}[:=][ \t]{0,8})(\\"(?:[^"\\\n])*\\"|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|(?!\s|\$|<redacted>|[[{|>&*]|(?:null|true|false)\b|-?\d+\s{0,8}[,}\]])[^\n\r"'\\]+)/gi

const blankSetting = (_whole: string, before: string, value: string): string => {
  const quote = /^\\?["']/.exec(value)?.[0] ?? ''
  return `${before}${quote}${mark}${quote}`
}

/** Names of environment variables and of arguments whose value is nobody's business, and those that only name a place. */
const secretName = /passw|passphrase|pwd|token|secret|credential|(?:^|[_-])key(?:$|[_-])|apikey/i
const placeName = /(?:file|path|dir|name|selector|namespace|audience)s?$/i
/** Field names with the same meaning, narrower: `key` and `secret` are ordinary words of the API. */
const secretField = /(?:password|passwd|passphrase|accessToken|bearerToken|apiKey|privateKey|clientSecret|secretKey)$/

const isSecretName = (name: string): boolean => secretName.test(name) && !placeName.test(name)

const redactJson = (json: unknown): unknown => {
  if (typeof json === 'string') return redactText(json)
  if (Array.isArray(json)) return json.map(redactJson)
  if (!isRecord(json)) return json
  if (json.kind === 'Secret') return redactSecret(json)
  if (isApplication(json)) return redactFields(cutApplication(json))
  if (typeof json.name === 'string' && typeof json.value === 'string' && isSecretName(json.name))
    return redactFields({ ...json, value: blank(json.value) })
  return redactFields(json)
}

const redactFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [redactText(name), redactField(name, value)]))

const redactField = (name: string, value: unknown): unknown => {
  if (typeof value === 'string' && (copies.has(name) || secretField.test(name))) return blank(value)
  if ((name === 'args' || name === 'command') && isStrings(value)) return redactArguments(value)
  return redactJson(value)
}

/** `--token=x`, `--token x`, and `token=x` inside a shell line. */
const redactArguments = (words: readonly string[]): readonly string[] =>
  words.map((word, index) => {
    const flag = words[index - 1]
    const isValue = flag?.startsWith('-') && !flag.includes('=') && !word.startsWith('-')
    if (isValue && isSecretName(flag ?? '')) return blank(word)
    return redactText(
      word.replace(/([\w.-]+)=("[^"]*"|'[^']*'|[^\s"']+)/g, (whole, name: string) =>
        isSecretName(name) ? `${name}=${mark}` : whole,
      ),
    )
  })

const redactSecret = ({ data, stringData, ...rest }: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const values = {
    ...mapValues(data, value => classify(value, Buffer.from(value, 'base64').toString('latin1'))),
    ...mapValues(stringData, value => classify(value, value)),
  }
  return { ...redactFields(rest), ...(isRecord(data) || isRecord(stringData) ? { data: values } : {}) }
}

const mapValues = (values: unknown, change: (value: string) => SecretValue): Record<string, SecretValue> =>
  isRecord(values)
    ? Object.fromEntries(Object.entries(values).map(([key, value]) => [redactText(key), change(asText(value ?? ''))]))
    : {}

/** What is such a word was redacted before. */
const classify = (raw: string, plain: string): SecretValue => (isSecretValue(raw) ? raw : secretValueOf(plain))

/** That a value is empty may be the fault that is looked for. */
const blank = (value: string): string => (value === '' ? '' : mark)

const isStrings = (json: unknown): json is readonly string[] =>
  Array.isArray(json) && json.every(entry => typeof entry === 'string')

/**
 * Whether Go's url.Parse takes a URL of those that the CRDs let in: no control characters, escapes that are complete,
 * though in a query anything goes, a port of digits, and in the host nothing that would have to be escaped.
 * Upstream: net/url of Go 1.26.
 */
export const isGoUrl = (text: string): boolean => pattern.test(text)

const escaped = '%[0-9a-fA-F]{2}'

const pattern = new RegExp(
  [
    '^(?![^]*[\\x00-\\x1f\\x7f])[a-z0-9]+://',
    `(?:(?:[-\\w.:~!$&'()*+,;=@]|${escaped})*@)?`,
    `(?:\\[[0-9a-fA-F:.]+(?:%25[^\\]/?#]*)?\\]|(?:[-\\w.~!$&'()*+,;=[\\]<>"]|[^\\x00-\\x7f]|%25|%[89a-fA-F][0-9a-fA-F])*)`,
    `(?::\\d*)?(?:/(?:[^%?#]|${escaped})*)?`,
    `(?:\\?[^#]*)?(?:#(?:[^%]|${escaped})*)?$`,
  ].join(''),
  'u',
)

/** As much of XML as a JUnit report holds: enough to tell whether it is well-formed, and whether it is JUnit's. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  text: string
}

/** All elements, the root first. @throws where the text is not well-formed. */
export const elementsIn = (xml: string): readonly XmlElement[] => flatten(parse(xml))

const flatten = (element: XmlElement): readonly XmlElement[] => [element, ...element.children.flatMap(flatten)]

export const textOf = (element: XmlElement | undefined): string => element?.text ?? ''

const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

const parse = (xml: string): XmlElement => {
  const bad = forbidden.exec(xml)
  if (xml.replaceAll(token, '') !== '') throw new Error('a < that begins nothing')
  if (bad) throw new Error(`U+${bad[0].codePointAt(0)?.toString(16)} is no character of XML`)
  const outside: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [outside]
  for (const [whole, data, closed, opened, attributes = '', selfClosed, text] of xml.matchAll(token)) {
    const top = open.at(-1) ?? outside
    if (text?.includes(']]>')) throw new Error('an end of CDATA that ends none')
    top.text += data ?? decoded(text ?? '')
    if (closed !== undefined && open.pop()?.name !== closed) throw new Error(`${whole} closes something else`)
    if (opened === undefined) continue
    const element = { name: opened, attributes: attributesOf(attributes), children: [], text: '' }
    top.children.push(element)
    if (selfClosed === '') open.push(element)
  }
  const [root] = outside.children
  if (open.length !== 1 || !root || outside.children.length !== 1) throw new Error('not one whole element')
  return root
}

/** A declaration, CDATA, the end and the beginning of an element, and text. A `<` that begins none of them is refused. */
const token =
  /<\?xml[^>]*\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/g

const attributesOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value = '']) => [name, decoded(value)]))

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const decoded = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9A-Fa-f]+);|(\w+);)?/g, (whole, hex: string | undefined, name = '') => {
    const known = hex === undefined ? entities[name] : String.fromCodePoint(Number.parseInt(hex, 16))
    if (known === undefined) throw new Error(`${whole} is no reference`)
    return known
  })

interface Rule {
  readonly children: readonly string[]
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

const counts = ['tests', 'failures', 'errors', 'skipped'] as const

/**
 * What our reports need of the schema that Jenkins, GitLab and GitHub's reporters have in common: junit-10.xsd of Jenkins's
 * xUnit plugin, which takes the golden files, as xmllint says.
 */
const rules: Readonly<Record<string, Rule>> = {
  testsuites: { children: ['testsuite'], required: [], optional: ['name', 'time', 'tests', 'failures', 'errors'] },
  testsuite: {
    children: ['testcase'],
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['skipped', 'time'],
  },
  testcase: {
    children: ['failure', 'error', 'skipped', 'system-out', 'system-err'],
    required: ['name', 'classname'],
    optional: ['time'],
  },
  failure: { children: [], required: ['message', 'type'], optional: [] },
  error: { children: [], required: ['message', 'type'], optional: [] },
  skipped: { children: [], required: [], optional: [] },
  'system-out': { children: [], required: [], optional: [] },
}

/** What of a text is not as JUnit's schema has it; counts have to be those of the cases. @throws where it is no XML. */
export const schemaProblems = (xml: string): readonly string[] => {
  const elements = elementsIn(xml)
  return [
    ...(elements[0]?.name === 'testsuites' ? [] : ['the root is not testsuites']),
    ...elements.flatMap(problemsOf),
    ...elements.filter(({ name }) => name.startsWith('testsuite')).flatMap(countProblems),
  ]
}

const problemsOf = ({ name, attributes, children }: XmlElement): readonly string[] => {
  const rule = rules[name]
  if (!rule) return [`there is no element ${name}`]
  const names = Object.keys(attributes)
  const outcomes = children.filter(child => ['failure', 'error', 'skipped'].includes(child.name))
  return [
    ...children.filter(child => !rule.children.includes(child.name)).map(child => `${child.name} in ${name}`),
    ...rule.required.filter(one => !names.includes(one)).map(one => `${name} lacks ${one}`),
    ...names.filter(one => ![...rule.required, ...rule.optional].includes(one)).map(one => `${name} has ${one}`),
    ...(outcomes.length > 1 ? ['a test case with two outcomes'] : []),
  ]
}

const countProblems = (suite: XmlElement): readonly string[] => {
  const all = flatten(suite)
  const found = { tests: 'testcase', failures: 'failure', errors: 'error', skipped: 'skipped' } as const
  return counts
    .filter(count => count !== 'skipped' || suite.name === 'testsuite')
    .filter(count => Number(suite.attributes[count]) !== all.filter(({ name }) => name === found[count]).length)
    .map(count => `${suite.name} ${suite.attributes.name} counts ${count} wrongly`)
}

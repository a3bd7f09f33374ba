import { parseJson } from './transport.ts'

/**
 * Takes the `items` of a List answer apart while it arrives, so that thirty megabytes never stand in memory as a
 * whole. Calls `onItem` for each and returns what is around them.
 * @throws InvalidAnswer where the text is not JSON; an answer without `items` is returned as it is.
 */
export const readItems = async (chunks: AsyncIterable<Buffer>, onItem: (item: unknown) => void): Promise<unknown> => {
  const outside: Buffer[] = []
  const scanner = newScanner()
  let item: Buffer[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let index = 0; index < chunk.length; index++) {
      const edge = step(scanner, chunk[index] ?? 0)
      if (edge === 'start') {
        outside.push(chunk.subarray(from, index))
        from = index
      } else if (edge === 'end') {
        item.push(chunk.subarray(from, index + 1))
        onItem(parse(item))
        item = []
        from = index + 1
      } else if (edge === 'between') from = index + 1
    }
    ;(scanner.inItem ? item : outside).push(chunk.subarray(from))
  }
  return parse([...outside, ...item])
}

const parse = (parts: readonly Buffer[]): unknown => parseJson(Buffer.concat(parts).toString('utf8'))

/** Where in the text we are. `depth` counts open brackets; an item of the outermost `items` opens at depth 2. */
interface Scanner {
  depth: number
  inString: boolean
  escaped: boolean
  /** The last four bytes before a closing quote at depth 1 tell `items` from any other key. */
  key: string
  inItems: boolean
  inItem: boolean
}

type Edge = 'start' | 'end' | 'between' | undefined

const newScanner = (): Scanner => ({
  depth: 0,
  inString: false,
  escaped: false,
  key: '',
  inItems: false,
  inItem: false,
})

const step = (scanner: Scanner, byte: number): Edge => {
  if (scanner.inString) return stepInString(scanner, byte)
  if (byte === quote) {
    scanner.inString = true
    if (scanner.depth === 1) scanner.key = ''
    return undefined
  }
  if (byte === openBrace || byte === openBracket) return open(scanner, byte)
  if (byte === closeBrace || byte === closeBracket) return close(scanner)
  return scanner.inItems && !scanner.inItem && byte === comma ? 'between' : undefined
}

const stepInString = (scanner: Scanner, byte: number): Edge => {
  if (scanner.escaped) scanner.escaped = false
  else if (byte === backslash) scanner.escaped = true
  else if (byte === quote) scanner.inString = false
  else if (scanner.depth === 1 && scanner.key.length < 6) scanner.key += String.fromCharCode(byte)
  return undefined
}

const open = (scanner: Scanner, byte: number): Edge => {
  const { depth, inItems, inItem } = scanner
  scanner.depth++
  if (depth === 1 && byte === openBracket && scanner.key === 'items') scanner.inItems = true
  if (depth !== 2 || !inItems || inItem) return undefined
  scanner.inItem = true
  return 'start'
}

const close = (scanner: Scanner): Edge => {
  scanner.depth--
  if (scanner.inItem && scanner.depth === 2) {
    scanner.inItem = false
    return 'end'
  }
  if (scanner.depth === 1) scanner.inItems = false
  return undefined
}

const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\,{}[]'].map(sign =>
  sign.charCodeAt(0),
)

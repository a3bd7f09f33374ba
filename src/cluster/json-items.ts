import { isRecord } from '../model/is-record.ts'
import { parseJson } from './transport.ts'

/** Where in an answer a list of objects stands: its key, and how many brackets are open before that key. */
export interface ListPlace {
  readonly key: string
  readonly depth: number
  /** So many are parsed; of the others `onItem` hears undefined. Absent: all. */
  readonly parsed?: number
  /** And none any more once so many bytes of them were. */
  readonly parsedBytes?: number
}

const itemsOfList: ListPlace = { key: 'items', depth: 1 }

/**
 * Takes a list of objects apart while it arrives, so that thirty megabytes never stand in memory as a whole: the
 * `items` of a List answer, or those at another place. Calls `onItem` for each and returns what is around them.
 * @throws InvalidAnswer where the text is not JSON; an answer without such a list is returned as it is.
 */
export const readItems = async (
  chunks: AsyncIterable<Buffer>,
  onItem: (item: unknown) => void,
  place?: ListPlace,
): Promise<unknown> => {
  const held: Buffer[] = []
  let size = 0
  let taken = place ? takeApart(place, onItem) : undefined
  for await (const chunk of chunks) {
    if (taken) taken.add(chunk)
    else {
      held.push(chunk)
      size += chunk.length
      if (size > parsedAtOnce) {
        taken = takeApart(itemsOfList, onItem)
        held.splice(0).forEach(taken.add)
      }
    }
  }
  return taken ? taken.rest() : withoutItems(parse(held), onItem)
}

/** Most lists are small, and JSON.parse is many times as fast as a look at each byte. */
const parsedAtOnce = 1024 * 1024

const withoutItems = (envelope: unknown, onItem: (item: unknown) => void): unknown => {
  if (!isRecord(envelope) || !Array.isArray(envelope.items)) return envelope
  envelope.items.forEach(onItem)
  return { ...envelope, items: [] }
}

interface TakingApart {
  readonly add: (chunk: Buffer) => void
  /** What was around the items, when all is read. */
  readonly rest: () => unknown
}

const takeApart = (place: ListPlace, onItem: (item: unknown) => void): TakingApart => {
  const outside: Buffer[] = []
  const scanner = newScanner(place)
  let left = place.parsed ?? Number.POSITIVE_INFINITY
  let bytesLeft = place.parsedBytes ?? Number.POSITIVE_INFINITY
  let item: Buffer[] = []
  // A copy: a part of a chunk, were it empty, would keep the whole chunk, and there is one before each item.
  const keep = (part: Buffer): void => {
    if (part.length > 0) outside.push(Buffer.from(part))
  }
  const add = (chunk: Buffer): void => {
    let from = 0
    for (let index = 0; index < chunk.length; index++) {
      const edge = step(scanner, chunk[index] ?? 0)
      if (edge === 'start') {
        keep(chunk.subarray(from, index))
        from = index
      } else if (edge === 'end') {
        item.push(chunk.subarray(from, index + 1))
        bytesLeft -= item.reduce((sum, { length }) => sum + length, 0)
        onItem(left-- > 0 && bytesLeft >= 0 ? parse(item) : undefined)
        item = []
        from = index + 1
      } else if (edge === 'between') from = index + 1
    }
    if (scanner.inItem) item.push(chunk.subarray(from))
    else keep(chunk.subarray(from))
  }
  return { add, rest: () => parse([...outside, ...item]) }
}

const parse = (parts: readonly Buffer[]): unknown => parseJson(Buffer.concat(parts).toString('utf8'))

/** Where in the text we are. `depth` counts open brackets; an item opens one deeper than the list's key stands. */
interface Scanner {
  readonly place: ListPlace
  depth: number
  inString: boolean
  escaped: boolean
  /** The last string at the depth of the list's key, or as much of it as tells the two apart. */
  key: string
  inItems: boolean
  inItem: boolean
  /** One was there: what stands between two of them is dropped, but a list of other things stays as it is. */
  hadItem: boolean
}

type Edge = 'start' | 'end' | 'between' | undefined

const newScanner = (place: ListPlace): Scanner => ({
  place,
  depth: 0,
  inString: false,
  escaped: false,
  key: '',
  inItems: false,
  inItem: false,
  hadItem: false,
})

const step = (scanner: Scanner, byte: number): Edge => {
  if (scanner.inString) return stepInString(scanner, byte)
  if (byte === quote) {
    scanner.inString = true
    if (scanner.depth === scanner.place.depth) scanner.key = ''
    return undefined
  }
  if (byte === openBrace || byte === openBracket) return open(scanner, byte)
  if (byte === closeBrace || byte === closeBracket) return close(scanner)
  return scanner.inItems && scanner.hadItem && !scanner.inItem && byte === comma ? 'between' : undefined
}

const stepInString = (scanner: Scanner, byte: number): Edge => {
  if (scanner.escaped) scanner.escaped = false
  else if (byte === backslash) scanner.escaped = true
  else if (byte === quote) scanner.inString = false
  else if (scanner.depth === scanner.place.depth && scanner.key.length <= scanner.place.key.length)
    scanner.key += String.fromCharCode(byte)
  return undefined
}

const open = (scanner: Scanner, byte: number): Edge => {
  const { depth, inItems, inItem, place } = scanner
  scanner.depth++
  if (depth === place.depth && byte === openBracket && scanner.key === place.key) scanner.inItems = true
  if (depth !== place.depth + 1 || byte !== openBrace || !inItems || inItem) return undefined
  scanner.inItem = true
  return 'start'
}

const close = (scanner: Scanner): Edge => {
  scanner.depth--
  if (scanner.inItem && scanner.depth === scanner.place.depth + 1) {
    scanner.inItem = false
    scanner.hadItem = true
    return 'end'
  }
  if (scanner.depth === scanner.place.depth) scanner.inItems = false
  return undefined
}

const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\,{}[]'].map(sign =>
  sign.charCodeAt(0),
)

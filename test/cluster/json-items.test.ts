import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { readItems } from '../../src/cluster/json-items.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

it('keeps nothing of the chunks that have passed', async () => {
  const seen: WeakRef<ArrayBufferLike>[] = []
  let alive = 0
  const chunks = async function* () {
    yield Buffer.from('{"status":"success","data":{"resultType":"matrix","result":[')
    for (let index = 0; index < 200; index++) {
      // one that ends in the middle of an item, one that ends behind a comma
      const text = index % 2 === 0 ? '{"metric":{"a":"' : '"},"values":[]},'
      const { buffer } = Uint8Array.from([...text].map(letter => letter.charCodeAt(0)))
      seen.push(new WeakRef(buffer))
      yield Buffer.from(buffer)
    }
    await turn()
    collect()
    alive = seen.filter(one => one.deref() !== undefined).length
    yield Buffer.from('{"metric":{},"values":[]}]}}')
  }
  let listed = 0
  const body = await readItems(chunks(), () => listed++, { key: 'result', depth: 2, parsed: 1 })
  expect([listed, body]).toEqual([101, { status: 'success', data: { resultType: 'matrix', result: [] } }])
  expect(alive).toBeLessThan(10)
})

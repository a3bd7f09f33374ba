import net from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { type Connection, type Forwarding, type ForwardingOptions, forward } from '../../src/command-line/forwarding.ts'

/** A pod that greets and says back what it hears. */
const echo = (greeting: string): Duplex => {
  const heard = new PassThrough()
  const said = new PassThrough()
  said.write(greeting)
  heard.pipe(said)
  return Duplex.from({ writable: heard, readable: said })
}

const to = (tunnel: Duplex): Connection => ({ tunnel, isThere: async () => true })

/** A pod whose network is gone: it takes what is sent, and never answers nor ends. */
const silence = (): Duplex =>
  new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done()
    },
  })

let forwarding: Forwarding | undefined
let taken: net.Server | undefined
afterEach(() => {
  forwarding?.close()
  taken?.close()
})

const anyFreePort = 0

const forwarded = async (options: Partial<ForwardingOptions>, wanted = anyFreePort) => {
  const said: string[] = []
  forwarding = await forward(wanted, {
    connect: async () => to(echo('hello ')),
    findAgain: async () => 'boards-2',
    say: line => said.push(line),
    pauses: [0, 0],
    ...options,
  })
  const { port } = forwarding
  /** Goes on waiting for an answer, as a browser does. */
  const wait = (words: string): Promise<string> => {
    const client = net.connect(port, '127.0.0.1')
    client.write(words)
    return text(client)
  }
  const ask = (words: string): Promise<string> => {
    const client = net.connect(port, '127.0.0.1')
    client.end(words)
    return text(client)
  }
  return { ask, wait, said, port }
}

describe('forward', () => {
  it('carries each connection to the pod and back', async () => {
    const { ask } = await forwarded({})
    expect(await Promise.all([ask('one'), ask('two')])).toEqual(['hello one', 'hello two'])
  })

  it('takes a free port where the wanted one is taken', async () => {
    const other = net.createServer()
    taken = other
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const wanted = (other.address() as net.AddressInfo).port
    const { ask, port } = await forwarded({}, wanted)
    expect(port).not.toBe(wanted)
    expect(await ask('three')).toBe('hello three')
  })

  it('finds another pod where the one it knew is gone, and says so', async () => {
    let pod = 'boards-1'
    const { ask, said } = await forwarded({
      connect: async () => {
        if (pod === 'boards-1') throw new Error('pod not found')
        return to(echo(`${pod}: `))
      },
      findAgain: async () => {
        pod = 'boards-2'
        return pod
      },
    })
    expect(await ask('four')).toBe('boards-2: four')
    expect(said).toEqual(['The connection was lost: now to boards-2.'])
  })

  it('searches once for all the connections that wait', async () => {
    let searches = 0
    let pod = 'boards-1'
    const { ask, said } = await forwarded({
      connect: async () => {
        if (pod === 'boards-1') throw new Error('pod not found')
        return to(echo('found '))
      },
      findAgain: async () => {
        searches++
        await new Promise(setImmediate)
        pod = 'boards-2'
        return pod
      },
      pauses: [1, 1],
    })
    expect(await Promise.all(['a', 'b', 'c'].map(ask))).toEqual(['found a', 'found b', 'found c'])
    expect(searches).toBeLessThan(3)
    expect(said.length).toBe(searches)
  })

  it('gives a connection up after so many attempts, says why, and serves the next one', async () => {
    let attempts = 0
    let isThere = false
    const { ask, said } = await forwarded({
      connect: async () => {
        attempts++
        if (!isThere) throw new Error('no such pod')
        return to(echo('back '))
      },
    })
    expect(await ask('five')).toBe('')
    expect(attempts).toBe(3)
    expect(said.at(-1)).toBe('No connection: no such pod')
    isThere = true
    expect(await ask('six')).toBe('back six')
  })

  it('closes a connection that nobody answers once its pod is gone', async () => {
    const answers = [true, true, false]
    const { wait } = await forwarded({
      connect: async () => ({ tunnel: silence(), isThere: async () => answers.shift() ?? false }),
      patience: 1,
    })
    expect(await wait('eight')).toBe('')
    expect(answers).toEqual([])
  })

  it('asks for no pod that answers', async () => {
    let asked = 0
    const isThere = async () => {
      asked++
      return true
    }
    const { ask } = await forwarded({ connect: async () => ({ tunnel: echo('here '), isThere }), patience: 1000 })
    expect(await ask('nine')).toBe('here nine')
    expect(asked).toBe(0)
  })

  it('does not try where no pod is ready', async () => {
    let attempts = 0
    const { ask } = await forwarded({
      connect: async () => {
        attempts++
        throw new Error('no such pod')
      },
      findAgain: async () => undefined,
    })
    await ask('seven')
    expect(attempts).toBe(1)
  })
})

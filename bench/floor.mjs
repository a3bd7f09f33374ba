// The floor for any Node program: the same requests in the same rounds by plain node:https with keep-alive, and
// nothing done with the answers but parsing them. Its plan is the file that its argument names. Not TypeScript: taking
// the types off would count as work.
import { readFileSync } from 'node:fs'
import https from 'node:https'

const { host, port, token, ca, rounds } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const agent = new https.Agent({ keepAlive: true, maxSockets: 16, ca })

const send = ({ method, path, body, accept }) =>
  new Promise((resolve, reject) => {
    const type = body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}
    const headers = { authorization: `Bearer ${token}`, accept, ...type }
    const request = https.request({ host, port, agent, method, path, headers }, answer => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', chunk => {
        text += chunk
      })
      answer.on('end', () => resolve(JSON.parse(text)))
    })
    request.on('error', reject)
    request.end(body)
  })

for (const round of rounds) await Promise.all(round.map(send))
agent.destroy()

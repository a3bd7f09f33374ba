// The floor for any Node program: the same requests in the same rounds by plain node:https with keep-alive, and
// nothing done with the answers but parsing them. Reads its plan from the file named by its argument.
import { readFileSync } from 'node:fs'
import https from 'node:https'

const { host, port, token, ca, rounds } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const agent = new https.Agent({ keepAlive: true, maxSockets: 16, ca })

const send = ({ method, path, body, accept }) =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept,
      ...(body ? { 'content-type': 'application/json' } : {}),
    }
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

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'

const tlsHandshake = 0x16

/**
 * HTTPS as a Go program serves it: a certificate it signs itself at every start, and the words of Go's server
 * for a client that speaks plain HTTP. Node would just hang up, and Prometheus would say something else.
 */
export function goTlsServer(answer: http.RequestListener): net.Server {
  const context = tls.createSecureContext(selfSigned())
  const handler = http.createServer(answer)
  return net.createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.once('data', first => {
      if (first[0] !== tlsHandshake) {
        socket.end('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n')
        return
      }
      socket.pause()
      socket.unshift(first)
      const secure = new tls.TLSSocket(socket, { isServer: true, secureContext: context })
      secure.on('error', () => secure.destroy())
      handler.emit('connection', secure)
    })
  })
}

function selfSigned(): { key: Buffer; cert: Buffer } {
  const key = '/tmp/tls.key'
  const certificate = '/tmp/tls.crt'
  const subject = ['-subj', `/CN=${process.env.HOSTNAME ?? 'localhost'}@lab`, '-addext', 'subjectAltName=DNS:localhost']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', certificate, '-days', '365', ...subject], {
    stdio: 'ignore',
  })
  return { key: fs.readFileSync(key), cert: fs.readFileSync(certificate) }
}

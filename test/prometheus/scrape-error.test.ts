import { describe, expect, it } from 'vitest'
import { classifyScrapeError, type ScrapedTarget } from '../../src/prometheus/scrape-error.ts'

const url = 'https://10.0.0.7:8080/metrics'
const get = `Get "${url}": `

describe('classifyScrapeError', () => {
  it.each<[lastError: string, code: string, target?: ScrapedTarget]>([
    ['server returned HTTP status 401 Unauthorized', 'unauthorized'],
    [
      'unable to read authorization credentials: unable to read file /var/run/secrets/x: no such file or directory',
      'unauthorized',
    ],
    ['server returned HTTP status 500 Internal Server Error', 'unauthorized', { era: '1.0' }],
    ['server returned HTTP status 500 Internal Server Error', 'unauthorized', { era: '1.6' }],
    ['server returned HTTP status 500 Internal Server Error', 'down', { era: '0.8' }],
    ['server returned HTTP status 500 Internal Server Error', 'down', { era: '0.9' }],
    ['server returned HTTP status 500 Internal Server Error', 'down'],
    ['server returned HTTP status 403 Forbidden', 'forbidden'],
    [`${get}dial tcp 10.0.0.7:8080: connect: connection refused`, 'connection-refused'],
    [`${get}dial tcp 10.0.0.7:8080: connect: no route to host`, 'connection-refused'],
    [`${get}context deadline exceeded`, 'timeout'],
    [`${get}dial tcp 10.0.0.7:8080: i/o timeout`, 'timeout'],
    [`${get}net/http: TLS handshake timeout`, 'timeout'],
    [`${get}dial tcp: lookup dyn.inference.svc on 10.96.0.10:53: no such host`, 'dns'],
    [`${get}dial tcp: lookup dyn on 10.96.0.10:53: read udp: i/o timeout`, 'dns'],
    [`${get}tls: failed to verify certificate: x509: certificate signed by unknown authority`, 'tls'],
    [`${get}tls: failed to verify certificate: x509: certificate is valid for localhost, not 10.0.0.7`, 'tls'],
    [`${get}x509: cannot validate certificate for 10.0.0.7 because it doesn't contain any IP SANs`, 'tls'],
    [`${get}x509: certificate has expired or is not yet valid`, 'tls'],
    [`${get}remote error: tls: bad certificate`, 'tls'],
    [`${get}http: server gave HTTP response to HTTPS client`, 'scheme-mismatch'],
    [`${get}tls: first record does not look like a TLS handshake`, 'scheme-mismatch'],
    ['server returned HTTP status 400 Bad Request', 'scheme-mismatch', { scrapeUrl: 'http://10.0.0.7:8080/metrics' }],
    ['server returned HTTP status 400 Bad Request', 'down', { scrapeUrl: url }],
    ['server returned HTTP status 404 Not Found', 'not-found'],
    [
      'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target',
      'content-type',
    ],
    [
      'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified',
      'content-type',
    ],
    ['expected a valid start token, got "<" ("INVALID") while parsing: "<"', 'content-type'],
    ['target_limit exceeded (number of targets: 3, limit: 2)', 'limit-exceeded'],
    ['sample limit exceeded', 'limit-exceeded'],
    ['label_name_length_limit exceeded (metric: x, label name: y, length: 9, limit: 8)', 'limit-exceeded'],
    ['body size limit exceeded', 'limit-exceeded'],
    ['server returned HTTP status 503 Service Unavailable', 'down'],
    ['cannot parse Content-Type "text" and no fallback_scrape_protocol for target', 'content-type'],
    ['histogram bucket limit exceeded', 'limit-exceeded'],
    ['label_limit exceeded (metric: x, number of labels: 9, limit: 8)', 'limit-exceeded'],
    [
      `${get}net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01"`,
      'scheme-mismatch',
    ],
    [
      `${get}net/http: HTTP/1.x transport connection broken: malformed HTTP status code "\\x16\\x03"`,
      'scheme-mismatch',
    ],
    [`${get}dial tcp: lookup dyn: server misbehaving`, 'dns'],
    [`${get}dial tcp 10.0.0.7:8080: connect: network is unreachable`, 'connection-refused'],
    ['unable to read authorization credentials file /x: open /x: permission denied', 'unauthorized'],
    ['unable to load specified CA cert /x: open /x: no such file or directory', 'tls'],
    ['unable to use specified CA cert /x', 'tls'],
    ['unable to read CA cert: unable to read file /x: open /x: no such file or directory', 'tls'],
    ['unable to read specified client cert: unable to read file /x', 'tls'],
    ['server returned HTTP status 4040 Odd', 'down'],
    [`${get}EOF`, 'down'],
    [`${get}read tcp 10.0.0.1:1->10.0.0.7:8080: read: connection reset by peer`, 'down'],
    ['', 'down'],
  ])('%s: %s', (lastError, code, target) => {
    expect(classifyScrapeError(lastError, target)).toMatchObject({ code: `scrape/${code}` })
  })

  it.each([
    ['x509: certificate has expired or is not yet valid', 'expired'],
    ['x509: certificate signed by unknown authority', 'authority'],
    ['x509: certificate is valid for a, not b', 'another name'],
    ['remote error: tls: handshake failure', 'handshake'],
    ['connect: connection refused', 'nothing listens'],
    ['connect: no route to host', 'no way'],
  ])('says of %s what it comes to', (lastError, words) => {
    expect(classifyScrapeError(lastError).detail).toContain(words)
  })

  it('keeps Prometheus’s words where it knows no better ones', () => {
    expect(classifyScrapeError('no idea').detail).toBe('no idea')
  })
})

import { expect, test } from 'vitest'
import { proxyFromEnvironment } from '../../src/cluster/proxy-from-environment.ts'

const proxy = 'http://proxy.example.org:3128'

test.each([
  ['https://api.example.org:6443', { HTTPS_PROXY: proxy }, proxy],
  ['https://api.example.org', { https_proxy: 'proxy.example.org:3128' }, proxy],
  ['https://api.example.org', { HTTP_PROXY: proxy }, undefined],
  ['http://api.example.org', { HTTP_PROXY: proxy }, proxy],
  ['https://api.example.org', {}, undefined],
  ['https://127.0.0.1:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://localhost:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://api.example.org', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, undefined],
  ['https://api.example.org', { HTTPS_PROXY: proxy, NO_PROXY: 'x, example.org' }, undefined],
  ['https://api.example.org', { HTTPS_PROXY: proxy, NO_PROXY: '.example.org' }, undefined],
  ['https://example.org', { HTTPS_PROXY: proxy, NO_PROXY: '.example.org' }, proxy],
  ['https://notexample.org', { HTTPS_PROXY: proxy, NO_PROXY: 'example.org' }, proxy],
  ['https://api.example.org:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'api.example.org:443' }, proxy],
  ['https://api.example.org', { HTTPS_PROXY: proxy, NO_PROXY: 'api.example.org:443' }, undefined],
  ['https://10.77.0.1:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['https://11.77.0.1:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, proxy],
  ['https://10.77.0.1:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.77.0.1' }, undefined],
])('%s with %o', (url, env, expected) => {
  expect(proxyFromEnvironment(new URL(url), env)).toBe(expected)
})

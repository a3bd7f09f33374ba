import { describe, expect, it } from 'vitest'
import { parseDataSourceFile } from '../../src/grafana/data-source-file.ts'

describe('parseDataSourceFile', () => {
  it.each<[string, string, unknown]>([
    [
      'as kube-prometheus-stack writes it',
      'apiVersion: 1\ndatasources:\n  - {name: P, type: prometheus, uid: p, url: "http://a:9090/", isDefault: true, access: proxy}\n',
      [{ name: 'P', type: 'prometheus', uid: 'p', url: 'http://a:9090/', isDefault: true, access: 'proxy' }],
    ],
    [
      'an address of the environment',
      'datasources: [{name: P, type: prometheus, url: "http://$HOST:9090"}]',
      [{ name: 'P', type: 'prometheus', isDefault: false }],
    ],
    ['no list', 'datasources: x', []],
    ['no YAML', '{', []],
    ['empty', '', []],
  ])('%s', (_, text, wanted) => {
    expect(parseDataSourceFile(text)).toEqual(wanted)
  })
})

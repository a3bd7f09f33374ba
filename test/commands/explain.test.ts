import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { dynamoMetrics } from './run-command.ts'

describe('explain', () => {
  it('prints the page of a code', async () => {
    const { exitCode, stdout } = await dynamoMetrics(['explain', 'monitor/label-mismatch'])
    expect([exitCode, stdout.split('\n')[0]]).toEqual([0, '# monitor/label-mismatch'])
  })

  it('says what a check reads and finds', async () => {
    const { stdout } = await dynamoMetrics(['explain', 'monitor-selected'])
    expect(stdout).toContain('serviceMonitors')
    expect(stdout).toContain('monitor/label-mismatch')
  })

  it('lists every check and every code', async () => {
    const { stdout } = await dynamoMetrics(['explain'])
    const names = checks.flatMap(({ id, codes }) => [id, ...Object.keys(codes)])
    expect(names.filter(name => !stdout.includes(`  ${name} `))).toEqual([])
  })

  it('lists one area alone', async () => {
    const { stdout } = await dynamoMetrics(['explain', 'monitor'])
    expect(stdout).toContain('monitor/missing')
    expect(stdout).not.toContain('service/missing')
  })

  it('says what was meant', async () => {
    const { exitCode, stderr } = await dynamoMetrics(['explain', 'monitor/label-mismtach'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Did you mean monitor/label-mismatch?')
  })
})

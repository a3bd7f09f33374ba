import { describe, expect, it } from 'vitest'
import { dynamoMetrics } from './run-command.ts'

describe('commands that change what their name says', () => {
  it.each([
    [
      'collection enabel',
      'There is no command collection enabel\n  Did you mean enable? There are: status, enable, disable',
    ],
    ['collection enable --no-such', 'There is no flag --no-such'],
    ['collection status --yes', 'There is no flag --yes'],
    ['collection disable --yes --fix-id monitor/missing', 'There is no flag --fix-id'],
    ['dashboard apply --era 0.8', '0.8'],
  ])('%s is wrong usage', async (line, complaint) => {
    const { exitCode, stdout, stderr } = await dynamoMetrics(line.split(' '))
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(complaint)
  })

  it.each(['collection status', 'collection enable --yes', 'collection disable --yes', 'dashboard apply --yes'])(
    '%s needs a cluster, and says so without colour into a pipe',
    async line => {
      const { exitCode, stdout, stderr } = await dynamoMetrics([...line.split(' '), '--kubeconfig', '/nowhere/config'])
      expect([exitCode, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^dynamo-metrics: There is no file \/nowhere\/config\n/)
      expect(stderr).not.toContain('\u001b')
    },
  )
})

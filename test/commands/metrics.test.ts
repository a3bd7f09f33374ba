import { describe, expect, it } from 'vitest'
import { dynamoMetrics } from './run-command.ts'

const metrics = (...args: readonly string[]) => dynamoMetrics(['metrics', ...args], { env: { COLUMNS: '80' } })

describe('metrics', () => {
  it('lists the families of all versions without a cluster', async () => {
    const { exitCode, stdout, stderr } = await metrics()
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout.match(/^\S+ {2}(?:counter|gauge|histogram)$/gm)).toHaveLength(10)
    expect(stdout).toContain('in       0.9, 1.0 to 1.4, 1.5 (differs by build)')
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it('lists those of one version', async () => {
    const { stdout } = await metrics('--era', '1.6')
    expect(stdout).not.toContain('dynamo_operator_reconcile_total')
    expect(stdout).toContain('controller_runtime_reconcile_total')
  })

  it('shows one with its labels and its queries, by the name of a series too', async () => {
    const { exitCode, stdout } = await metrics('dynamo_operator_reconcile_duration_seconds_bucket', '--era', '0.9')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('label    result: success, error, requeue')
    expect(stdout).toContain('same as  controller_runtime_reconcile_time_seconds')
    expect(stdout).toContain('query    dynamo-metrics query reconcile-p95')
  })

  it('shows what each resource type may say, what is not documented, and where it is written', async () => {
    const { stdout } = await metrics('dynamo_operator_resources_total', '--era', '1.0')
    expect(stdout).toContain('DynamoGraphDeployment: initializing, pending, successful, failed')
    expect(stdout).toContain('not documented: initializing')
    expect(stdout).toContain('documented and never seen: unknown')
    expect(stdout).toContain('source   ai-dynamo/dynamo #6324 at 82f721c73')
    const all = await metrics('dynamo_operator_resources_total')
    expect(all.stdout).toContain('unknown (0.9)')
    const [family] = JSON.parse((await metrics('dynamo_operator_resources_total', '--output', 'json')).stdout)
    expect(family.labels).toContainEqual(expect.objectContaining({ name: 'status', undocumented: ['initializing'] }))
    expect(family.sources).toContainEqual(expect.objectContaining({ commit: '82f721c73', eras: ['1.0', '1.5', '1.6'] }))
  })

  it('is JSON and Markdown for others', async () => {
    const families = JSON.parse((await metrics('--output', 'json', '--era', '1.0')).stdout)
    expect(families.map(({ documented }: { readonly documented: boolean }) => documented)).toEqual([
      ...Array.from({ length: 7 }, () => true),
      ...Array.from({ length: 3 }, () => false),
    ])
    expect((await metrics('--output', 'markdown')).stdout).toContain('| `dynamo_operator_resources_total` | gauge |')
  })

  it.each([
    [['dynamo_operator_resource_total'], 'Did you mean dynamo_operator_resources_total?'],
    [['--output', 'csv'], 'There is no output format csv'],
    [['--era', '2.0'], '--era=2.0'],
    [['--live'], 'None of the files in KUBECONFIG is there'],
    // Only the cluster can tell whether its operator serves it.
    [['dynamo_operator_managed_pods_total', '--live'], 'None of the files in KUBECONFIG is there'],
    [['dynamo_operator_managed_pods_total'], 'There is no metric family'],
    [['managed_pods_total', '--live'], 'There is no metric family'],
  ])('complains of %j in one line', async (args, words) => {
    const { exitCode, stdout, stderr } = await metrics(...args)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(words)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  })
})

import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { commandRights, rights } from '../../src/facts/rights.ts'
import { fixRights } from '../../src/fix/fix-rights.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Right } from '../../src/model/rbac.ts'
import { dynamoMetrics } from './run-command.ts'

const generate = (...args: readonly string[]) => dynamoMetrics(['generate', 'rbac', ...args])
const headsOf = (objects: readonly KubernetesObject[]) =>
  objects.map(({ kind, metadata: { namespace, name } }) => [kind, namespace, name].filter(Boolean).join(' '))

describe('generate rbac', () => {
  it('prints manifests, each rule beneath what it is for', async () => {
    const { exitCode, stdout } = await generate()
    const documents = parseAllDocuments(stdout)
    expect(exitCode).toBe(0)
    expect(headsOf(documents.map(document => document.toJS() as KubernetesObject))).toEqual([
      'ServiceAccount default dynamo-metrics',
      'ClusterRole dynamo-metrics',
      'ClusterRoleBinding dynamo-metrics',
    ])
    expect(stdout).toContain('# get pods/proxy: the HTTP API of Prometheus\n')
  })

  it('prints the same objects as JSON', async () => {
    const yaml = parseAllDocuments((await generate()).stdout).map((document): unknown => document.toJS())
    const { stdout } = await generate('--output', 'json')
    expect(JSON.parse(stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: yaml })
  })

  it('grants nothing that writes, unless the fixes are wanted', async () => {
    const verbsIn = async (...args: readonly string[]) => {
      const { items } = JSON.parse((await generate('--output', 'json', ...args)).stdout) as {
        readonly items: readonly {
          readonly rules?: readonly { readonly verbs: readonly string[]; readonly resources?: readonly string[] }[]
        }[]
      }
      return items.flatMap(({ rules = [] }) =>
        rules.flatMap(({ verbs, resources = [] }) =>
          resources.flatMap(resource => verbs.map(verb => `${verb} ${resource}`)),
        ),
      )
    }
    const writes = (right: string): boolean =>
      /^(?:patch|update|delete|create) (?!pods\/portforward|subjectaccessreviews)/.test(right)
    const reading = await verbsIn()
    expect(reading.filter(writes)).toEqual([])
    const fixing = await verbsIn('--fix')
    expect(fixing).toEqual(expect.arrayContaining([...reading, 'patch servicemonitors', 'create configmaps']))
    // Helm keeps its releases in Secrets, and updates the one of the revision before.
    expect(fixing.filter(right => /^(?:update|escalate|bind|deletecollection|\*) /.test(right))).toEqual([
      'update secrets',
    ])
  })

  it('says of every right of docs/permissions.md what it is for', async () => {
    const saying = ({ verb, resource, path, why }: Right): string => `# ${verb} ${resource ?? path}: ${why}`
    const { stdout } = await generate('--fix')
    const said = new Set(stdout.split('\n').map(line => line.trim()))
    expect([...rights, ...commandRights, ...fixRights].map(saying).filter(line => !said.has(line))).toEqual([])
  })

  it('keeps to namespaces, each once, and to the account it is told', async () => {
    const namespaces = ['--namespaces', 'inference,observability', '--namespaces', 'inference']
    const { stdout } = await generate('--output', 'json', ...namespaces, '--service-account', 'tools/doctor')
    expect(headsOf((JSON.parse(stdout) as { readonly items: KubernetesObject[] }).items)).toEqual([
      'ServiceAccount tools doctor',
      'ClusterRole doctor',
      'ClusterRoleBinding doctor',
      'Role inference doctor',
      'RoleBinding inference doctor',
      'Role observability doctor',
      'RoleBinding observability doctor',
    ])
  })

  it.each([
    [['--service-account', 'doctor'], 'is not NAMESPACE/NAME'],
    [['--service-account', 'a/b/c'], 'is not NAMESPACE/NAME'],
    [['--service-account', 'tools/Doctor'], 'is no name that Kubernetes takes'],
    [['--namespaces', 'a b'], 'is no name that Kubernetes takes'],
    [['--output', 'xml'], 'xml'],
  ])('%j is wrong usage', async (args, complaint) => {
    const { exitCode, stdout, stderr } = await generate(...args)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(complaint)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutApplication, isApplication, isRenderedByHelm, statedValues } from '../../src/helm/argo-application.ts'
import { releaseValue } from '../../src/helm/values.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { application, ofSources } from './argo-applications.ts'

const path = 'dynamo-operator.metricsService.enabled'
const parameter = (value: string, forceString?: true) => ({
  parameters: [{ name: path, value, ...(forceString ? { forceString } : {}) }],
})
const object = (enabled: unknown) => ({ valuesObject: { 'dynamo-operator': { metricsService: { enabled } } } })
const text = (yaml: string) => ({ values: yaml })

/** As it leaves the port. */
const stated = (whole: KubernetesObject): unknown => {
  const values = statedValues(
    cutApplication(whole as unknown as Record<string, unknown>) as unknown as KubernetesObject,
  )
  return values && releaseValue(values, path)?.value
}

describe('the values that an Application states', () => {
  it.each<[string, object, unknown]>([
    ['none', { valueFiles: ['serving.yaml'] }, undefined],
    ['as text', text('dynamo-operator: {metricsService: {enabled: false}}'), false],
    ['as text that is no YAML', text('a: [b'), undefined],
    ['as an object', object(false), false],
    [
      'as an object, before the text',
      { ...text('dynamo-operator: {metricsService: {enabled: true}}'), ...object(false) },
      false,
    ],
    ['as a parameter', parameter('false'), false],
    ['as a parameter, before the object', { ...object(true), ...parameter('false') }, false],
    ['as a text, which is true for Helm', parameter('false', true), 'false'],
    ['as null', parameter('null'), null],
    ['as a number', parameter('0'), 0],
    ['as what only looks like one', parameter('007'), '007'],
    [
      'twice: the last one counts',
      { parameters: [...parameter('false').parameters, ...parameter('true').parameters] },
      true,
    ],
    ['for another value', { parameters: [{ name: 'dynamo-operator.upgradeCRD', value: 'false' }] }, undefined],
  ])('%s', (_, helm, value) => expect(stated(application(helm))).toEqual(value))

  it.each<[string, readonly object[], unknown]>([
    ['beside one that only lends its files', [{ helm: object(false) }, { chart: undefined, ref: 'values' }], false],
    ['beside another chart', [{ chart: 'grafana', helm: object(true) }, { helm: object(false) }], false],
    ['twice, so that nobody knows which', [{ helm: object(true) }, { helm: object(false) }], undefined],
    ['from a folder of Git', [{ chart: undefined, path: 'serving', helm: object(false) }], false],
    [
      'as the operator’s chart alone',
      [{ chart: 'dynamo-operator', helm: { valuesObject: { metricsService: { enabled: false } } } }],
      false,
    ],
  ])('of a source %s', (_, sources, value) => expect(stated(ofSources(sources))).toEqual(value))

  it('are those of the one source, where it is written so', () => {
    const { spec, ...rest } = application(object(false)) as unknown as {
      readonly spec: { readonly sources: readonly object[] }
    }
    expect(stated({ ...rest, spec: { source: spec.sources[0], sources: [] } } as unknown as KubernetesObject)).toBe(
      false,
    )
    expect(stated({ ...rest, spec: {} } as unknown as KubernetesObject)).toBeUndefined()
  })

  it('keep a dot that belongs to a key', () => {
    const name = 'dynamo-operator.metricsService.labels.example\\.com/team'
    const values = statedValues(application({ parameters: [{ name, value: 'serving' }] }))
    expect(values && releaseValue(values, 'dynamo-operator.metricsService.labels')?.value).toEqual({
      'example.com/team': 'serving',
    })
  })
})

describe('what is cut from an Application', () => {
  it('is each value that is not allowed, wherever it stands', () => {
    const secret = 'must-not-leave'
    const key = fc.stringMatching(/^[a-z]{1,12}$/)
    const values = fc.dictionary(key, fc.dictionary(key, fc.constant(secret)))
    fc.assert(
      fc.property(values, valuesObject => {
        const helm = {
          values: JSON.stringify(valuesObject),
          parameters: Object.keys(valuesObject).map(name => ({ name, value: secret })),
        }
        const copies = { history: [{ source: { helm } }], operationState: { syncResult: { source: { helm } } } }
        const both = ofSources([{ helm }, { helm: { valuesObject } }], copies)
        return !JSON.stringify(cutApplication(both as unknown as Record<string, unknown>)).includes(secret)
      }),
    )
  })

  it('is nothing more the second time', () => {
    const whole = application(
      { ...object(null), ...parameter('false'), valueFiles: ['a.yaml'] },
      { resources: [], sourceType: 'Helm', x: 1 },
    )
    const once = cutApplication(whole as unknown as Record<string, unknown>)
    expect(cutApplication(once)).toEqual(once)
    expect(once).toMatchObject({
      status: { resources: [], sourceType: 'Helm' },
      spec: { sources: [{ helm: object(null) }] },
    })
  })

  it.each([
    [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }, true],
    [{ apiVersion: 'app.k8s.io/v1beta1', kind: 'Application' }, false],
    [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject' }, false],
    [{ kind: 'Application' }, false],
  ])('is cut of %j: %s', (json, cut) => expect(isApplication(json)).toBe(cut))
})

it.each([
  [{ sourceType: 'Helm' }, true],
  [{ sourceTypes: ['Directory', 'Helm'] }, true],
  [{ sourceType: 'Kustomize' }, false],
  [{}, false],
])('%j is rendered by Helm: %s', (status, rendered) => expect(isRenderedByHelm(application({}, status))).toBe(rendered))

import { describe, expect, it } from 'vitest'
import { repositoryOf } from '../../src/kubernetes/repository-of.ts'

describe('repositoryOf', () => {
  it.each([
    ['registry:5000/a/b', 'registry:5000/a/b'],
    ['registry:5000/a/b:1@sha256:00', 'registry:5000/a/b'],
    ['b:1', 'b'],
  ])('%s', (image, wanted) => {
    expect(repositoryOf(image)).toBe(wanted)
  })
})

import { Document, isNode, isSeq } from 'yaml'
import type { ExplainedObject } from '../model/rbac.ts'

/** How manifests are printed: for `kubectl apply -f -`, or to be kept in Git. */
export const manifestFormats = {
  yaml: (objects: readonly ExplainedObject[]): string => objects.map(documentOf).join('---\n'),
  json: (objects: readonly ExplainedObject[]): string =>
    `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.map(({ object }) => object) }, null, 2)}\n`,
}

/** Each rule stands beneath its reasons. */
const documentOf = ({ object, reasons }: ExplainedObject): string => {
  const document = new Document(object, { aliasDuplicateObjects: false })
  const rules = document.get('rules')
  if (isSeq(rules))
    for (const [index, rule] of rules.items.entries())
      if (isNode(rule)) rule.commentBefore = (reasons[index] ?? '').replaceAll(/^/gm, ' ')
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

import type { Promql } from './parse-promql.ts'

type Node = Promql['tree']['topNode']

/**
 * The metric names whose copies an expression adds up: several pods that say the same are several series, told apart by
 * `pod` and `instance`, and the innermost aggregation that takes these labels away is a sum. A `max` there leaves one of them;
 * without any, each is shown for itself.
 */
export const plainlySummed = (parsed: Promql | undefined): readonly string[] => {
  if (!parsed) return []
  const { text, tree } = parsed
  const names: string[] = []
  tree.iterate({
    enter({ name, node, from, to }) {
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector' && addsCopies(node.parent, text))
        names.push(text.slice(from, to))
    },
  })
  return [...new Set(names)]
}

const addsCopies = (selector: Node, text: string): boolean => {
  const merging = aggregationsAround(selector).find(aggregation => !keepsCopiesApart(aggregation, text))
  const operation = merging?.getChild('AggregateOp')
  return operation ? /^sum$/i.test(text.slice(operation.from, operation.to)) : false
}

const aggregationsAround = ({ parent }: Node): readonly Node[] =>
  parent ? [...(parent.name === 'AggregateExpr' ? [parent] : []), ...aggregationsAround(parent)] : []

/** What topk and its like pick keeps all its labels. */
const keepsCopiesApart = (aggregation: Node, text: string): boolean => {
  const wordsOf = (node: Node | null) => (node ? text.slice(node.from, node.to).toLowerCase() : '')
  if (/^(?:topk|bottomk|limitk|limit_ratio)$/.test(wordsOf(aggregation.getChild('AggregateOp')))) return true
  const modifier = aggregation.getChild('AggregateModifier')
  const labels = (modifier?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map(wordsOf)
  if (!modifier) return false
  return modifier.getChild('Without')
    ? !copyLabels.every(label => labels.includes(label))
    : copyLabels.some(label => labels.includes(label))
}

const copyLabels = ['pod', 'instance']

/**
 * How the API calls the objects of a kind in its paths, by the rule that Kubernetes itself goes by where it only has the
 * kind. All kinds of Kubernetes and of prometheus-operator follow it, so nobody has to be asked.
 */
export const pluralOf = (kind: string): string =>
  `${kind
    .toLowerCase()
    .replace(/s$/, 'se')
    .replace(/(?<![aeiou])y$/, 'ie')}s`

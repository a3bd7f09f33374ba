/** The port that a URL leads to: the one it names, or its scheme's. */
export const portOfUrl = ({ port, protocol }: Pick<URL, 'port' | 'protocol'>): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)

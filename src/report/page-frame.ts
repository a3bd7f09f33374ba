import { escapeHtml } from './escape-html.ts'

export interface Page {
  readonly title: string
  /** CSS besides the frame's own. */
  readonly style: string
  /** HTML. */
  readonly body: string
}

/** One page of HTML that needs nothing else: no script, no network, no font. It is dark where the reader's screen is. */
export const pageFrame = ({ title, style, body }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${frameStyle}${style}</style>
</head>
<body>
${body}
</body>
</html>
`

/** Names and their values, for a heading. */
export const nameList = (pairs: readonly (readonly [name: string, value: string])[]): string =>
  `<dl>${pairs.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>`

const frameStyle = `
:root { --ink: #1f2328; --dim: #59636e; --paper: #f6f8fa; --card: #fff; --rule: #d1d9e0; --bad: #b3261e; --good: #116329; --warn: #7d4e00; --calm: #0b5a8a;
  --c0: #0b63c5; --c1: #b45309; --c2: #15803d; --c3: #7c3aed; --c4: #be123c; --c5: #0e7490; --c6: #854d0e; --c7: #4b5563; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #a3adb8; --paper: #0d1117; --card: #161b22; --rule: #3d444d; --bad: #ff8a80; --good: #6bc46d; --warn: #e3b341; --calm: #6cb6ff;
  --c0: #6cb6ff; --c1: #f5a65b; --c2: #6bc46d; --c3: #c9a2ff; --c4: #ff8fa3; --c5: #5fd4e6; --c6: #e3b341; --c7: #adbac7; } }
body { margin: 0; padding: 1rem; background: var(--paper); color: var(--ink); font: 0.875rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.375rem; margin: 0 0 0.5rem; } h2 { font-size: 1.0625rem; margin: 1.5rem 0 0.5rem; } h3 { font-size: 0.9375rem; margin: 0 0 0.5rem; }
header dl { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0; } header dl div { display: flex; gap: 0.375rem; }
dt { color: var(--dim); } dd { margin: 0; }
article { background: var(--card); border: 1px solid var(--rule); border-radius: 0.375rem; padding: 0.75rem; min-width: 0; break-inside: avoid; }
table { width: 100%; border-collapse: collapse; margin-top: 0.5rem; font-size: 0.8125rem; } th { text-align: left; font-weight: 400; overflow-wrap: anywhere; } thead th { color: var(--dim); }
summary { color: var(--dim); cursor: pointer; } pre { overflow-x: auto; margin: 0.5rem 0 0; font-size: 0.75rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`

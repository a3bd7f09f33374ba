import { withoutControls } from './paper.ts'

/**
 * Text as it may stand in HTML and SVG, in content and in quoted attributes. In an SVG a single character that XML does
 * not know would be the end of the picture.
 */
export const escapeHtml = (text: string): string =>
  withoutControls(text).replaceAll(/[&<>"'\ufffe\uffff]/g, sign => entities[sign] ?? '')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

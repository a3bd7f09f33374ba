import { escapeHtml } from './escape-html.ts'
import { nameList, pageFrame } from './page-frame.ts'
import type { TimeWindow } from './panel-chart.ts'
import { type PanelSection, panelSections, panelStyle } from './panel-sections.ts'

export interface DashboardPage {
  readonly title: string
  /** What was asked, and when: names and values for the heading. */
  readonly about: readonly (readonly [name: string, value: string])[]
  readonly window: TimeWindow
  readonly sections: readonly PanelSection[]
}

/** The dashboard as a page. */
export const dashboardPage = ({ title, about, window, sections }: DashboardPage): string =>
  pageFrame({
    title,
    style: panelStyle,
    body: `<header>
<h1>${escapeHtml(title)}</h1>
${nameList(about)}
</header>
<main>
${panelSections(sections, window)}
</main>`,
  })

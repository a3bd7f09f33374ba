import type { Report } from '../model/report.ts'

/** The report as schema/report.schema.json describes it. */
export const renderJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`

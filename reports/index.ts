import type { RunRecord } from './record/model.ts';
import { badgeJson } from './badge/badge-json.ts';
import { badgeSvg } from './badge/badge-svg.ts';
import { ctrfReport } from './ctrf/ctrf-report.ts';
import { githubAnnotations } from './github/annotations.ts';
import { htmlReport } from './html/html-report.ts';
import { junitReport } from './junit/junit-report.ts';
import { kcidbReport } from './kcidb/kcidb-report.ts';
import { ktapReport } from './ktap/ktap-report.ts';
import { mailReport } from './mail/mail-report.ts';
import { markdownReport } from './markdown/markdown-report.ts';
import type { Reporter } from './reporter.ts';
import { tapReport } from './tap/tap-report.ts';

/** What each format leaves in the folder of a run. */
export const FORMATS = {
  html: [htmlReport],
  junit: [junitReport],
  tap: [tapReport],
  ktap: [ktapReport],
  kcidb: [kcidbReport],
  ctrf: [ctrfReport],
  markdown: [markdownReport],
  mail: [mailReport],
  github: [githubAnnotations],
  badge: [badgeJson, badgeSvg],
} as const satisfies Readonly<Record<string, readonly Reporter[]>>;

export type FormatName = keyof typeof FORMATS;

/** Formats that are written where nobody chooses. */
export const DEFAULT_FORMATS: readonly FormatName[] = ['html', 'junit', 'tap'];

/** Whether there is a format of this name. */
export const isFormatName = (name: string): name is FormatName => Object.hasOwn(FORMATS, name);

/** Names of all files that any format leaves. */
export const REPORT_FILES: readonly string[] = Object.values(FORMATS)
  .flat()
  .map(({ fileName }) => fileName);

/** The reports of `formats`, by the names of their files. */
export function renderReports(
  run: RunRecord,
  formats: readonly FormatName[] = DEFAULT_FORMATS,
  baseline?: RunRecord,
): Readonly<Record<string, string>> {
  const reporters: readonly Reporter[] = [...new Set(formats)].flatMap((name) => FORMATS[name]);
  return Object.fromEntries(reporters.map((it) => [it.fileName, it.render(run, baseline)]));
}

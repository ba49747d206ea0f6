/** One HTML file that holds everything: no requests to anywhere, readable with scripts off, equal bytes for equal runs. */
import { createHash } from 'node:crypto';
import type { RunRecord } from '../../harness/results/model.ts';
import { type Comparison, compareRuns } from '../comparison.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { requirementSetName } from '../run-view.ts';
import { aboutSection } from './about-section.ts';
import { Allowance, type CaseDetail } from './allowance.ts';
import { isLoud } from './case-article.ts';
import { casesSection } from './cases-section.ts';
import { html, type Markup, trusted } from './escape.ts';
import { changesSection } from './changes-section.ts';
import { coverageSection } from './coverage-map.ts';
import { overview, scoreSection } from './overview.ts';
import { type PageContext, pageContext } from './page-context.ts';
import { requirementsSection } from './requirements-section.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** What the page may weigh, in bytes. */
export const PAGE_SIZE_MAX = 2_000_000;

/** What cases show that call for attention, from most to least; the first that fits the page is taken. */
const LOUD: readonly CaseDetail[] = [
  { rows: 400, driverLog: 32_000, timeline: true, full: true },
  { rows: 150, driverLog: 16_000, timeline: true, full: true },
  { rows: 60, driverLog: 6000, timeline: true, full: true },
  { rows: 40, driverLog: 4000, timeline: true, full: false },
  { rows: 24, driverLog: 2000, timeline: false, full: false },
  { rows: 6, driverLog: 500, timeline: false, full: false },
  { rows: 0, driverLog: 0, timeline: false, full: false },
];

/**
 * So many quiet cases fill a page by their verdicts alone. The page of more is larger than it should be; it is not worth
 * the time to find out how little of the loud ones does not help.
 */
const QUIET_MAX = 800;
const TRIES_CROWDED = 2;

export const htmlReport: Reporter = { fileName: 'report.html', render: (run) => htmlPage([run]) };

/**
 * The page of one run, or of several side by side; at least one. With a `baseline`, an older run, it says what changed
 * in the first of them.
 */
export function htmlPage(runs: readonly RunRecord[], baseline?: RunRecord): string {
  const [first] = runs;
  const comparison = first && baseline && compareRuns(baseline, first);
  const quietCount = runs.flatMap(({ cases }) => cases).filter((record) => !isLoud(record)).length;
  let source = '';
  for (const loud of LOUD.slice(quietCount > QUIET_MAX ? LOUD.length - TRIES_CROWDED : 0)) {
    source = page(pageContext(runs, loud, new Allowance(PAGE_SIZE_MAX, quietCount)), comparison).source;
    if (Buffer.byteLength(source) <= PAGE_SIZE_MAX) break;
  }
  return source;
}

function page(context: PageContext, comparison: Comparison | undefined): Markup {
  const names = context.runs.map(({ name, run }) => `${name}: ${requirementSetName(run)}`);
  const title = clipped(oneLine(`${names.join(', ')} by ${context.runs[0]?.run.header.tool.name}`), 200);
  // The cases come last, since they take what the rest leaves.
  const top = html`${overview(context)}<main>
${scoreSection(context)}${comparison && changesSection(comparison, context)}${coverageSection(context)}${requirementsSection(context)}`;
  const about = aboutSection(context);
  for (const part of [STYLE, SCRIPT, top.source, about.source]) context.allowance.spend(part);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${digest(STYLE)}'; script-src '${digest(SCRIPT)}'; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${top}${casesSection(context)}${about}</main>
<footer><p>Everything here is drawn from the event log of the run.</p></footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
}

/** The policy lets our own style and script in and nothing else, whatever a driver has written into its log. */
function digest(source: string): Markup {
  return trusted(`sha256-${createHash('sha256').update(source).digest('base64')}`);
}

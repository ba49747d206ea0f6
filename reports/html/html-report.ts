/** One HTML file that holds everything: no requests to anywhere, readable with scripts off, equal bytes for equal runs. */
import { createHash } from 'node:crypto';
import type { RunRecord } from '../../harness/results/model.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { requirementSetName } from '../run-view.ts';
import { casesSection } from './cases-section.ts';
import { html, type Markup, trusted } from './escape.ts';
import { aboutSection, overview, scoreSection } from './overview.ts';
import { type Detail, type PageContext, pageContext } from './page-context.ts';
import { requirementsSection } from './requirements-section.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** What the page may weigh, in bytes. */
export const PAGE_SIZE_MAX = 2_000_000;

/** From full detail to the least; the first that fits the page is taken. */
const DETAILS: readonly Detail[] = [
  { rows: { loud: 400, quiet: 100 }, driverLog: { loud: 32_000, quiet: 4000 } },
  { rows: { loud: 150, quiet: 30 }, driverLog: { loud: 16_000, quiet: 2000 } },
  { rows: { loud: 80, quiet: 10 }, driverLog: { loud: 8000, quiet: 500 } },
  { rows: { loud: 60, quiet: 6 }, driverLog: { loud: 6000, quiet: 0 } },
  { rows: { loud: 40, quiet: 0 }, driverLog: { loud: 4000, quiet: 0 } },
  { rows: { loud: 12, quiet: 0 }, driverLog: { loud: 1000, quiet: 0 } },
  { rows: { loud: 0, quiet: 0 }, driverLog: { loud: 0, quiet: 0 } },
];

export const htmlReport: Reporter = { fileName: 'report.html', render };

/** What a case and a row of its trace weigh at the least in all runs seen, in bytes. */
const CASE_SIZE = 1500;
const ROW_SIZE = 200;

/** Whether a page at this detail is worth rendering; without asking first, a long run would be rendered three times. */
function mayFit(run: RunRecord, { rows }: Detail): boolean {
  const sizes = run.cases.map(({ trace }) => CASE_SIZE + ROW_SIZE * Math.min(trace.length, rows.quiet));
  return sizes.reduce((sum, size) => sum + size, 0) <= PAGE_SIZE_MAX;
}

function render(run: RunRecord): string {
  let source = '';
  const details = DETAILS.filter((detail) => mayFit(run, detail));
  for (const detail of details.length > 0 ? details : DETAILS.slice(-1)) {
    source = page(pageContext(run, detail)).source;
    if (Buffer.byteLength(source) <= PAGE_SIZE_MAX) break;
  }
  return source;
}

function page(context: PageContext): Markup {
  const { driver, tool } = context.run.header;
  const title = clipped(
    oneLine(`${driver.name} ${driver.version}: ${requirementSetName(context.run)} by ${tool.name}`),
    200,
  );
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
${overview(context)}<main>
${scoreSection(context)}${requirementsSection(context)}${casesSection(context)}${aboutSection(context)}</main>
<footer><p>Everything here is drawn from the run's event log. A requirement is in our words; the specification's text binds.</p></footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
}

/** The policy lets our own style and script in and nothing else, whatever a driver has written into its log. */
function digest(source: string): Markup {
  return trusted(`sha256-${createHash('sha256').update(source).digest('base64')}`);
}

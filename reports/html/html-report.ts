/** One HTML file that holds everything: no requests to anywhere, readable with scripts off, equal bytes for equal runs. */
import type { RunRecord } from '../record/model.ts';
import type { SelfTest } from '../record/self-test.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { requirementSetName } from '../run-view.ts';
import { aboutSection } from './about-section.ts';
import { Allowance, type CaseDetail } from './allowance.ts';
import { isLoud, takesShare } from './case-article.ts';
import { casesSection } from './cases-section.ts';
import { endpointsSection } from './endpoints-section.ts';
import { html } from './escape.ts';
import { changesSection } from './changes-section.ts';
import { coverageSection } from './coverage-map.ts';
import { overview, scoreSection } from './overview.ts';
import { type PageContext, pageContext } from './page-context.ts';
import { pageFrame } from './page-frame.ts';
import { requirementsSection } from './requirements-section.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { trustSection } from './trust-section.ts';

/** What the page may weigh, in bytes. */
export const PAGE_SIZE_MAX = 1_600_000;
/** What quiet cases show is estimated before it is drawn; bytes that are kept back for it. */
const RESERVE = 20_000;

/** What cases show that call for attention, from least to most; the last that fits the page is taken. */
const LOUD: readonly CaseDetail[] = [
  { rows: 0, driverLog: 0, timeline: false, full: false },
  { rows: 6, driverLog: 500, timeline: false, full: false },
  { rows: 24, driverLog: 2000, timeline: false, full: false },
  { rows: 40, driverLog: 4000, timeline: true, full: false },
  { rows: 60, driverLog: 6000, timeline: true, full: true },
  { rows: 150, driverLog: 16_000, timeline: true, full: true },
  { rows: 400, driverLog: 32_000, timeline: true, full: true },
];
/** So many steps in this table stand warnings behind failures. */
const WARNED_BEHIND = 2;
/** With more rows than these for the loud ones, every quiet case keeps room for a few of its own; bytes. */
const ROWS_ENOUGH = 24;
const QUIET_SIZE = 1300;

export const htmlReport: Reporter = { fileName: 'report.html', render: (run) => htmlPage([run]) };

/** What a page shows beside its runs. */
export interface Beside {
  /** An older run: the page says what changed in the first of its runs. */
  readonly baseline?: RunRecord;
  /** The page says how far its verdicts are to be trusted. */
  readonly selfTest?: SelfTest;
}

/** The page of one run, or of several side by side; at least one. */
export function htmlPage(runs: readonly RunRecord[], beside: Beside = {}): string {
  const cases = runs.flatMap((run) => run.cases);
  const quietCount = cases.filter(takesShare).length;
  const context = pageContext(runs, beside);
  const draw = (level: number, size: number): string =>
    page({
      ...context,
      loud: detailAt(level),
      warned: detailAt(level - WARNED_BEHIND),
      allowance: new Allowance(size, quietCount),
    });
  const roomAt = (level: number): number => PAGE_SIZE_MAX - RESERVE - sizeOf(draw(level, 0));
  const fits = (level: number): boolean =>
    roomAt(level) >= (detailAt(level).rows > ROWS_ENOUGH ? quietCount * QUIET_SIZE : 0);
  const level = cases.some(isLoud) ? lastThat(fits, LOUD.length) : 0;
  return draw(level, Math.max(0, roomAt(level)));
}

/** The last of `count` levels that `fits`, if those do that come before one that does; 0 if none fits. */
function lastThat(fits: (level: number) => boolean, count: number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const detailAt = (level: number): CaseDetail => LOUD[Math.max(0, level)]!;

/** `9.8 ms`, `1.03 s` */
const DURATION = /\b\d+(\.\d+)? m?s\b/g;

/** How long something took is not counted: what a page shows must not depend on the clock. */
const sizeOf = (source: string): number => Buffer.byteLength(source.replace(DURATION, ''));

function page(context: PageContext): string {
  const names = context.runs.map(({ name, run }) => `${name}: ${requirementSetName(run)}`);
  return pageFrame({
    title: clipped(oneLine(`${names.join(', ')} by ${context.runs[0]?.run.header.tool.name}`), 200),
    style: STYLE,
    script: SCRIPT,
    body: html`${overview(context)}<main>
${scoreSection(context)}${changesSection(context)}${coverageSection(context)}${requirementsSection(context)}${casesSection(context)}${endpointsSection(context)}${trustSection(context)}${aboutSection(context)}</main>
<footer><p>Everything here is drawn from the event log of the run.</p></footer>
`,
  });
}

/** One HTML file that holds everything: no requests to anywhere, readable with scripts off, equal bytes for equal runs. */
import { deflateSync } from 'node:zlib';
import type { RunRecord } from '../record/model.ts';
import type { SelfTest } from '../record/self-test.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { requirementSetName } from '../run-view.ts';
import { aboutSection } from './about-section.ts';
import { causesSection } from './causes-section.ts';
import { casesSection } from './cases-section.ts';
import { endpointsSection } from './endpoints-section.ts';
import { html } from './escape.ts';
import { changesSection } from './changes-section.ts';
import { coverageSection } from './coverage-map.ts';
import { overview, scoreSection } from './overview.ts';
import { packed } from './packed-log.ts';
import { pageContext } from './page-context.ts';
import { pageFrame } from './page-frame.ts';
import { requirementsSection } from './requirements-section.ts';
import { pageScript } from './script.ts';
import { STYLE } from './style.ts';
import { trustSection } from './trust-section.ts';
import { uncheckedSection } from './unchecked-section.ts';

export const htmlReport: Reporter = {
  fileName: 'report.html',
  render: (run, baseline) => htmlPage([run], baseline && { baseline }),
};

/** What a page shows beside its runs. */
export interface Beside {
  /** An older run: the page says what changed in the first of its runs. */
  readonly baseline?: RunRecord;
  /** The page says how far its verdicts are to be trusted. */
  readonly selfTest?: SelfTest;
}

/** The page of one run, or of several side by side; at least one. */
export function htmlPage(runs: readonly RunRecord[], beside: Beside = {}): string {
  const context = pageContext(runs, beside);
  const names = context.runs.map(({ name, run }) => `${name}: ${requirementSetName(run)}`);
  return pageFrame({
    title: clipped(oneLine(`${names.join(', ')} by ${context.runs[0]?.run.header.tool.name}`), 200),
    style: STYLE,
    script: pageScript(),
    data: runs.map(packedLog),
    body: html`${overview(context)}<main>
${causesSection(context)}${uncheckedSection(context)}${changesSection(context)}${scoreSection(context)}${coverageSection(context)}${requirementsSection(context)}${casesSection(context)}${endpointsSection(context)}${trustSection(context)}${aboutSection(context)}</main>
<footer><p>Everything here is drawn from the event log of the run, which this page carries.</p></footer>
`,
  });
}

/** Deflated, in base64. */
const packedLog = (run: RunRecord): string => deflateSync(packed(run), { level: 9 }).toString('base64');

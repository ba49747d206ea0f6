/**
 * What happened in a variant: a picture of the machine over time, every message, and the driver's own log. Drawn into the page for
 * the variants that show a cause best, and by the page's script for all others.
 */
import type { CaseRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { printable } from '../printable.ts';
import { findingsOf } from '../run-view.ts';
import { html, type Markup } from './escape.ts';
import { type Naming, sequenceDiagram } from './sequence-diagram.ts';
import { timeline } from './timeline/timeline-svg.ts';

const FINDINGS_MAX = 40;

export interface CourseOptions {
  /** Id of the variant on the page. */
  readonly anchor: string;
  /** About how many rows of messages there may be; all if left out. What proves a finding is always there. */
  readonly rowsMax?: number;
  readonly naming: Naming;
}

export function course(record: CaseRecord, options: CourseOptions): Markup {
  return html`${picture(record)}${wire(record, options)}${driverLog(record)}`;
}

function picture(record: CaseRecord): Markup | undefined {
  const proofs = findingsOf(record).flatMap(({ at }) => at ?? []);
  const drawn = timeline(record.trace, [...new Set(proofs)].slice(0, FINDINGS_MAX));
  return (
    drawn &&
    html`<h5>Queues and IOVA space over time</h5>
${drawn}`
  );
}

function wire(record: CaseRecord, { anchor, rowsMax = Infinity, naming }: CourseOptions): Markup | undefined {
  const count = record.trace.length;
  if (count === 0) return undefined;
  const diagram = sequenceDiagram(record.trace, {
    anchor,
    findings: findingsOf(record).slice(0, FINDINGS_MAX),
    rowsMax,
    naming,
  });
  return html`<div class="wire"><h5>On the wire</h5> <span class="tally">${counted(count, 'event')}</span>
${diagram}</div>
`;
}

function driverLog({ judgement }: CaseRecord): Markup | undefined {
  const log = judgement?.driverLog.trimEnd() ?? '';
  if (log === '') return undefined;
  return html`<details class="log"><summary><h5>The driver's own log</h5> <span class="tally">${counted(log.split('\n').length, 'line')}</span></summary>
<pre tabindex="0">${printable(log)}</pre></details>
`;
}

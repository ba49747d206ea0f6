/** The wire of one case as a table: every row says who did what, in words; raw bytes on demand. */
import type { Finding, LoggedTraceEvent } from '../../harness/results/model.ts';
import { clipped, counted } from '../printable.ts';
import { html, type Markup } from './escape.ts';
import { type DescribedEvent, seqsOf, type TraceRow, traceRows } from './trace-rows.ts';

export interface TraceTableOptions {
  /** Id of the case on the page; rows of proofs have ids of their own below it. */
  readonly anchor: string;
  readonly findings: readonly Finding[];
  /** How many rows there may be. */
  readonly rowsMax: number;
}

const BYTES_MAX = 256;
const BYTES_A_LINE = 16;
const FOLDED_MAX = 24;
const SAYS_MAX = 400;

/** Id of the row that proves a finding. */
export const proofAnchor = (anchor: string, seq: number): string => `${anchor}.event-${seq}`;

/** Whether the finding points at an event that is in the trace, so that a link to it leads somewhere. */
export function isProven(finding: Finding, trace: readonly LoggedTraceEvent[]): boolean {
  return finding.at !== undefined && trace.some(({ seq }) => seq === finding.at);
}

export function traceTable(trace: readonly LoggedTraceEvent[], options: TraceTableOptions): Markup {
  const proofs = new Set(options.findings.flatMap(({ at }) => at ?? []));
  const groups = byVerb(traceRows(trace, proofs, options.rowsMax));
  return html`<div class="scroll"><table class="trace">
<thead><tr><th scope="col">#</th><th scope="col">who</th><th scope="col">what</th></tr></thead>
${groups.map(
  (rows) => html`<tbody>${rows.map((row) => tableRow(row, options))}</tbody>
`,
)}</table></div>`;
}

/** A verb and what came of it belong together. */
function byVerb(rows: readonly TraceRow[]): TraceRow[][] {
  const groups: TraceRow[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (!last || row.row === 'verb') groups.push([row]);
    else last.push(row);
  }
  return groups;
}

function tableRow(row: TraceRow, options: TraceTableOptions): Markup {
  if (row.row === 'cut') return cutRow(row);
  if (row.row === 'fold') return foldRow(row);
  return row.row === 'verb' ? verbRow(row, options) : eventRow(row, options);
}

function cutRow({ count, from, to }: Extract<TraceRow, { row: 'cut' }>): Markup {
  return html`<tr class="cut"><td></td><td colspan="2">${counted(count, 'row')} left out here (events ${from} to ${to}); the event log has them all.</td></tr>`;
}

function verbRow(row: DescribedEvent, options: TraceTableOptions): Markup {
  const { event, description } = row;
  return html`<tr class="verb"${rowId(row, options)}><td>${event.seq}</td><td>${description.who}</td><th scope="rowgroup">${description.what}${proofNote(row, options)}</th></tr>`;
}

function eventRow(row: DescribedEvent, options: TraceTableOptions): Markup {
  const { event, description } = row;
  const proven = options.findings.filter(({ at }) => at === event.seq);
  const bytes = description.bytes === undefined ? undefined : rawBytes(description.bytes);
  const look = proven.length > 0 ? `${description.weight} offending ${worstOf(proven)}` : description.weight;
  return html`<tr class="${look}"${rowId(row, options)}><td>${event.seq}</td><td>${description.who}</td><td>${description.what}${bytes}${proofNote(row, options)}</td></tr>`;
}

function rowId({ event }: DescribedEvent, { anchor, findings }: TraceTableOptions): Markup | undefined {
  if (!findings.some(({ at }) => at === event.seq)) return undefined;
  return html` id="${proofAnchor(anchor, event.seq)}"`;
}

const worstOf = (findings: readonly Finding[]): Finding['verdict'] =>
  findings.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'warn';

/** The findings that this event proves, beside it. */
function proofNote({ event }: DescribedEvent, { findings }: TraceTableOptions): Markup | undefined {
  const proven = findings.filter(({ at }) => at === event.seq);
  if (proven.length === 0) return undefined;
  return html`${proven.map(
    ({ verdict, says, keyword }) =>
      html`<p class="proof ${verdict}"><b>${verdict === 'fail' ? '✗ breaks a' : '! does not follow a'} ${keyword}:</b> ${clipped(says, SAYS_MAX)}</p>`,
  )}`;
}

/** `3 register writes, 1 chain`, and each of them on demand. */
function foldRow(row: Extract<TraceRow, { row: 'fold' }>): Markup {
  const { from, to } = seqsOf(row);
  const shown = row.members.slice(0, FOLDED_MAX);
  const more = row.members.length - shown.length;
  const [first] = row.members;
  const same = row.members.every(({ description }) => description.who === first?.description.who);
  return html`<tr class="quiet"><td>${from}–${to}</td><td>${same ? first?.description.who : 'both ways'}</td><td><details><summary>${foldSummary(row.members)}</summary><ul>${shown.map(
    ({ event, description }) =>
      html`<li>${event.seq} ${same ? undefined : html`<i>${description.who}</i> `}${description.what}</li>`,
  )}</ul>${more > 0 && html`<p>and ${more} more</p>`}</details></td></tr>`;
}

function foldSummary(members: readonly DescribedEvent[]): string {
  const counts = new Map<string, number>();
  for (const { event } of members) counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
  return [...counts]
    .map(([kind, count]) =>
      kind === 'dma' ? counted(count, 'memory access', 'memory accesses') : counted(count, kind.replace('-', ' ')),
    )
    .join(', ');
}

function rawBytes(digits: string): Markup {
  const size = Math.floor(digits.length / 2);
  const lines: string[] = [];
  for (let from = 0; from < Math.min(size, BYTES_MAX); from += BYTES_A_LINE) {
    const line = digits.slice(from * 2, Math.min(from + BYTES_A_LINE, BYTES_MAX) * 2);
    lines.push(line.replace(/(..)(?=.)/g, '$1 '));
  }
  const more = size > BYTES_MAX ? `\n… ${size - BYTES_MAX} more` : '';
  return html` <details class="bytes"><summary>${counted(size, 'byte')}</summary><pre>${lines.join('\n')}${more}</pre></details>`;
}

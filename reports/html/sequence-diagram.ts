/**
 * The wire of one case as a sequence diagram that is a table: a row is a message, an arrow between two lanes and its
 * words. The style sheet draws lanes and arrows, so that text can be found, copied, read aloud and wrapped.
 */
import type { Finding, LoggedTraceEvent } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { clipped } from '../printable.ts';
import { type Description, describeEvent, who } from './describe-event.ts';
import { html, type Markup } from './escape.ts';
import { weightOf } from './event-weight.ts';
import { type Lanes, lanesOf } from './lanes.ts';
import { type Related, relatedEvents } from './related-events.ts';
import { seqsOf, type TraceRow, traceRows } from './trace-rows.ts';
import { annotatedBytes } from './wire-bytes.ts';

/** What the requirement of a finding is called. */
export type Naming = (finding: Finding) => string;

export interface DiagramOptions {
  /** Id of the case on the page; its rows have ids of their own below it. */
  readonly anchor: string;
  readonly findings: readonly Finding[];
  /** How many rows there may be. */
  readonly rowsMax: number;
  readonly naming: Naming;
}

interface Drawing extends DiagramOptions {
  readonly lanes: Lanes;
  readonly related: ReadonlyMap<number, readonly Related[]>;
  readonly describe: (event: LoggedTraceEvent) => Description;
}

const FOLDED_MAX = 24;
const SAYS_MAX = 400;

/** Id of the row of an event. */
export const eventAnchor = (anchor: string, seq: number): string => `${anchor}.event-${seq}`;

/** Whether the finding points at an event that is in the trace, so that a link to it leads somewhere. */
export function isProven(finding: Finding, trace: readonly LoggedTraceEvent[]): boolean {
  return finding.at !== undefined && trace.some(({ seq }) => seq === finding.at);
}

export function sequenceDiagram(trace: readonly LoggedTraceEvent[], options: DiagramOptions): Markup {
  const proofs = new Set(options.findings.flatMap(({ at }) => at ?? []));
  const rows = traceRows(trace, { proofs, max: options.rowsMax });
  const shown = new Map(rows.flatMap(eventsOf).map((event) => [event, describeEvent(event)]));
  const lanes = lanesOf(shown.values());
  const drawing = {
    ...options,
    lanes,
    related: relatedEvents(trace),
    describe: (event: LoggedTraceEvent) => shown.get(event) ?? describeEvent(event),
  };
  return html`<table class="trace l${lanes.names.length}"><thead><tr><th scope="col">#</th><th scope="col"><span class="lanes">${lanes.names.map((name) => html`<span>${clipped(name, 40)}</span>`)}</span></th><th scope="col">what</th></tr></thead>
${byVerb(rows).map(
  (group) => html`<tbody>${group.map((row) => tableRow(row, drawing))}</tbody>
`,
)}</table>`;
}

/** The events of a row that are shown one by one. */
function eventsOf(row: TraceRow): readonly LoggedTraceEvent[] {
  if (row.row === 'cut') return [];
  return row.row === 'fold' ? row.members.slice(0, FOLDED_MAX) : [row.event];
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

function tableRow(row: TraceRow, drawing: Drawing): Markup {
  if (row.row === 'cut') return cutRow(row);
  if (row.row === 'fold') return foldRow(row, drawing);
  return row.row === 'verb' ? verbRow(row.event, drawing) : eventRow(row.event, drawing);
}

function cutRow({ count, from, to }: Extract<TraceRow, { row: 'cut' }>): Markup {
  return html`<tr class="cut"><td></td><td></td><td>${counted(count, 'row')} not drawn here (events ${from} to ${to}).</td></tr>`;
}

function verbRow(event: LoggedTraceEvent, drawing: Drawing): Markup {
  const description = drawing.describe(event);
  return html`<tr class="verb ${arrow(description, drawing)}"${rowId(event, drawing)}><td>${event.seq}</td><td><i>${who(description)}</i></td><th scope="rowgroup">${description.what}${proofNote(event, drawing)}</th></tr>`;
}

function eventRow(event: LoggedTraceEvent, drawing: Drawing): Markup {
  const description = drawing.describe(event);
  const proven = drawing.findings.filter(({ at }) => at === event.seq);
  const look = proven.length > 0 ? `${lookOf(event)} offending ${worstOf(proven)}` : lookOf(event);
  return html`<tr class="${look} ${arrow(description, drawing)}"${rowId(event, drawing)}><td>${event.seq}</td><td><i>${who(description)}</i></td><td>${description.what}${bytesOf(event, description, proven.length > 0)}${relatedLinks(event, drawing)}${proofNote(event, drawing)}</td></tr>`;
}

/** A device that deviates on command, and an access that was blocked, stand out. */
function lookOf(event: LoggedTraceEvent): string {
  const weight = weightOf(event);
  if (event['outcome'] === 'fault') return `${weight} blocked`;
  return event['fault'] === undefined ? weight : `${weight} provoked`;
}

function bytesOf(event: LoggedTraceEvent, { bytes }: Description, isProof: boolean): Markup | undefined {
  return bytes === undefined ? undefined : annotatedBytes(event, bytes, isProof || event['fault'] !== undefined);
}

/** Classes from which the style sheet draws the arrow. */
function arrow(description: Description, { lanes }: Drawing): string {
  const { from, to } = lanes.of(description);
  return `f${from} t${to}`;
}

const rowId = (event: LoggedTraceEvent, { anchor }: DiagramOptions): Markup =>
  html` id="${eventAnchor(anchor, event.seq)}"`;

/** Where else to look. */
function relatedLinks({ seq }: LoggedTraceEvent, { related, anchor }: Drawing): Markup | undefined {
  const all = related.get(seq);
  if (!all) return undefined;
  return html` <span class="related">${all.map(({ words, seqs }) => html`${words}: ${seqs.map((it) => html`<a href="#${eventAnchor(anchor, it)}">${it}</a> `)}`)}</span>`;
}

const worstOf = (findings: readonly Finding[]): Finding['verdict'] =>
  findings.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'warn';

/** The findings that this event proves, beside it. */
function proofNote(event: LoggedTraceEvent, { findings, naming }: DiagramOptions): Markup | undefined {
  const proven = findings.filter(({ at }) => at === event.seq);
  if (proven.length === 0) return undefined;
  return html`${proven.map(
    (finding) =>
      html`<p class="proof ${finding.verdict}"><b>${finding.verdict === 'fail' ? `✗ ${naming(finding)} broken` : `! ${naming(finding)} not followed`}:</b> ${clipped(finding.says, SAYS_MAX)}</p>`,
  )}`;
}

/** `3 register writes, 1 chain`, and each of them on demand. */
function foldRow(row: Extract<TraceRow, { row: 'fold' }>, drawing: Drawing): Markup {
  const { from, to } = seqsOf(row);
  const shown = eventsOf(row).map((event) => ({ event, description: drawing.describe(event) }));
  const more = row.members.length - shown.length;
  const [first] = shown;
  const ends = first && who(first.description);
  const same = shown.every(({ description }) => who(description) === ends);
  const look = same && first ? ` ${arrow(first.description, drawing)}` : '';
  const number = from === to ? `${from}` : `${from}–${to}`;
  const head = html`<tr class="quiet${look}"><td>${number}</td><td><i>${same ? ends : 'both ways'}</i></td>`;
  if (row.members.length === 1) return html`${head}<td>${first?.description.what}</td></tr>`;
  return html`${head}<td><details><summary>${foldSummary(row.members)}</summary><ul>${shown.map(
    ({ event, description }) =>
      html`<li>${event.seq} ${same ? undefined : html`<i>${who(description)}</i> `}${description.what}</li>`,
  )}</ul>${more > 0 && html`<p>and ${more} more</p>`}</details></td></tr>`;
}

function foldSummary(members: readonly LoggedTraceEvent[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of members) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .map(([kind, count]) =>
      kind === 'dma' ? counted(count, 'memory access', 'memory accesses') : counted(count, kind.replace('-', ' ')),
    )
    .join(', ');
}

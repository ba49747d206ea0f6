/** The event that proves a finding, in words and bytes. */
import { counted } from '../reference-device/counted.ts';
import { describeEvent, who } from './html/describe-event.ts';
import { type WireField, wireFields } from './html/wire-layouts.ts';
import { clipped, oneLine } from './printable.ts';
import type { LoggedTraceEvent } from './record/model.ts';
import type { RootCause } from './root-causes.ts';

export interface Evidence {
  readonly event: LoggedTraceEvent;
  /** `driver → iommu` */
  readonly who: string;
  readonly what: string;
  /** Fields that are not as they should be; all of them if none is marked so; none of what are no bytes. */
  readonly fields: readonly WireField[];
  /** Hex digits, two a byte; empty if the event has none. */
  readonly bytes: string;
}

const WHAT_MAX = 300;
const FIELDS_MAX = 12;
/** Of a line of text. */
const LINE_FIELDS_MAX = 3;
/** The longest request but PROBE has as many. */
const BYTES_MAX = 36;

/** Undefined for a finding that no event of the trace proves. */
export function evidenceOf(trace: readonly LoggedTraceEvent[], at: number | undefined): Evidence | undefined {
  const event = at === undefined ? undefined : trace.find(({ seq }) => seq === at);
  return event && evidenceIn(event);
}

export function evidenceIn(event: LoggedTraceEvent): Evidence {
  const description = describeEvent(event);
  const fields = wireFields(event.kind, event);
  const odd = fields.filter((field) => field.odd);
  return {
    event,
    who: who(description),
    what: clipped(oneLine(description.what), WHAT_MAX),
    fields: (odd.length > 0 ? odd : fields).slice(0, FIELDS_MAX),
    bytes: description.bytes ?? '',
  };
}

/** `event 29, driver → iommu: MAP domain 1, 0x1000..0x1000 [03 00 00 00 …]`; undefined where nothing proves the cause. */
export function evidenceLine({ findings: [{ at }], first }: RootCause): string | undefined {
  const evidence = evidenceOf(first.trace, at);
  if (evidence === undefined) return undefined;
  const { event, who: ends, what } = evidence;
  const bytes = bytesText(evidence);
  return `event ${event.seq}, ${ends}: ${what}${bytes === '' ? '' : ` [${bytes}]`}`;
}

/** Odd fields with their bytes, else the beginning of the message. */
function bytesText({ fields, bytes }: Evidence): string {
  const odd = fields.filter((field) => field.odd).slice(0, LINE_FIELDS_MAX);
  if (odd.length > 0) {
    return odd.map(({ name, offset, digits }) => `byte ${offset}, ${name}: ${spaced(digits)}`).join('; ');
  }
  return spaced(bytes);
}

/** `03 00 00 00`, the first of them. */
function spaced(digits: string): string {
  const size = Math.floor(digits.length / 2);
  const shown = digits.slice(0, BYTES_MAX * 2).replace(/(..)(?=.)/g, '$1 ');
  return size > BYTES_MAX ? `${shown} … ${counted(size, 'byte')}` : shown;
}

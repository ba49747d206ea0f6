/** Traces as lines for a terminal: what went over the wire, in order. */
import type { CaseRecord } from '../record/model.ts';
import { describeEvent, who } from '../html/describe-event.ts';
import { clipped, printable } from '../printable.ts';

/** Hex digits of a message that are shown; a whole request fits, and so does its tail. */
const BYTES_SHOWN = 144;

/** Every case with its trace, one event a line: number, who to whom, what, and the bytes of a message. */
export function wireText(cases: readonly CaseRecord[]): string {
  return cases.map((record) => `${record.started.id}\n${record.trace.map(eventLine).join('')}\n`).join('');
}

function eventLine(event: CaseRecord['trace'][number]): string {
  const description = describeEvent(event);
  const { what, bytes = '' } = description;
  const tail = bytes === '' ? '' : ` [${clipped(bytes, BYTES_SHOWN)}]`;
  const line = `${String(event.seq).padStart(6)}  ${who(description)}: ${what}${tail}`;
  return `${printable(line).replaceAll('\n', ' ')}\n`;
}

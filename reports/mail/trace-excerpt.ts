/** A few lines of a trace around what proves a finding, with the bytes of its messages. */
import type { LoggedTraceEvent } from '../record/model.ts';
import { describeEvent, who } from '../html/describe-event.ts';
import { weightOf } from '../html/event-weight.ts';
import { clipped, oneLine } from '../printable.ts';
import { hanging } from '../terminal/layout.ts';

/** Events that are shown before and after the one that proves something; those that nobody looks at are not counted. */
const BEFORE = 5;
const AFTER = 1;
const SENTENCE_MAX = 240;
/** Bytes that are shown of a message: every request but PROBE has less. */
const BYTES_MAX = 48;
const BYTES_A_LINE = 16;
const SEQ_WIDTH = 7;

/**
 * Lines of at most `width` characters: the event whose `seq` is `at`, marked by `*`, between others. The end of the trace
 * if there is no such event.
 */
export function traceExcerpt(trace: readonly LoggedTraceEvent[], at: number | undefined, width: number): string[] {
  const events = trace.filter((event) => event.seq === at || weightOf(event) !== 'quiet');
  const place = events.findIndex(({ seq }) => seq === at);
  const shown =
    place < 0 ? events.slice(-BEFORE - AFTER) : events.slice(Math.max(0, place - BEFORE), place + AFTER + 1);
  return shown.flatMap((event) => eventLines(event, event.seq === at, width));
}

function eventLines(event: LoggedTraceEvent, isProof: boolean, width: number): string[] {
  const description = describeEvent(event);
  const { what, bytes = '' } = description;
  const prefix = `${isProof ? '*' : ' '}${String(event.seq).padStart(SEQ_WIDTH - 1)}  `.slice(0, SEQ_WIDTH + 2);
  const sentence = clipped(oneLine(`${who(description)}: ${what}`), SENTENCE_MAX);
  return [...hanging(prefix, sentence, width), ...byteLines(bytes).map((line) => ' '.repeat(SEQ_WIDTH + 4) + line)];
}

/** `03000000 01000000 00100000 00000000`, in lines of 16 bytes; nothing for what are no bytes. */
function byteLines(digits: string): string[] {
  if (!/^([0-9a-f]{2})+$/.test(digits)) return [];
  const lines: string[] = [];
  for (let from = 0; from < Math.min(digits.length / 2, BYTES_MAX); from += BYTES_A_LINE) {
    const line = digits.slice(from * 2, Math.min(from + BYTES_A_LINE, BYTES_MAX) * 2);
    lines.push(line.replace(/(.{8})(?=.)/g, '$1 '));
  }
  const more = digits.length / 2 - BYTES_MAX;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

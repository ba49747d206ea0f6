import { defineMonitor, type EventOf, hex } from '../api/index.ts';

const BEYOND_LENGTH = ['split/driver/used/no-assumption-beyond-len', 'split/driver/used/ignore-beyond-len'] as const;
const REASONS = ['unknown', 'domain', 'mapping'];
const FLAG_ADDRESS = 0x100;

type Report = EventOf<'fault-report'>;

/** What `faults` may say of a record: with the address, if it has one, or without. */
function linesOf({ reason, endpoint, flags, address }: Report): readonly string[] {
  const line = `${REASONS[reason] ?? 'unknown'} endpoint=${hex(endpoint)}`;
  return (flags & FLAG_ADDRESS) === 0 ? [line] : [line, `${line} address=${hex(address)}`];
}

/** A record that came to the driver as the specification has it, whole. */
const isPlain = ({ delivered, bufferLength = 0, bytes, fault }: Report): boolean =>
  fault === undefined && (delivered ? bufferLength * 2 >= bytes.length : bufferLength === 0);

/** A buffer that came back with nothing in it. */
const isEmpty = ({ delivered, bufferLength = 0, fault }: Report): boolean =>
  fault === 'empty-events' && !delivered && bufferLength > 0;

const countOf = (lines: readonly string[], line: string): number => lines.filter((other) => other === line).length;

/**
 * What is wrong with `lines`, as half a sentence: one that no record of `given` says, or one too many in place of a record of
 * `fresh`. A driver may leave records out, and print one twice; one line for another is a record that was read too late.
 */
function mistakeIn(lines: readonly string[], given: readonly Report[], fresh: readonly Report[]): string | undefined {
  const stranger = lines.find((line) => !given.some((report) => linesOf(report).includes(line)));
  if (stranger !== undefined) return `'${stranger}', and was given no such record`;
  const untold = fresh.find((report) => !linesOf(report).some((line) => lines.includes(line)));
  if (untold === undefined || lines.length < fresh.length) return undefined;
  const surplus = lines.find(
    (line) => countOf(lines, line) > given.filter((report) => linesOf(report).includes(line)).length,
  );
  if (surplus === undefined) return undefined;
  return `'${surplus}' more often than it was told so, and '${linesOf(untold).at(-1) ?? ''}' not at all`;
}

export default defineMonitor({
  id: 'told-faults',
  title: 'What the driver says of faults stands in the records that it was given, and in one each',
  requirements: ['iommu/prose/fault-record', ...BEYOND_LENGTH],
  judge(seen) {
    // What becomes of a record that is not as it should be is for cases that ask for one.
    if (!seen.of('fault-report').every((report) => isPlain(report) || isEmpty(report))) return;
    const given: Report[] = [];
    let fresh: Report[] = [];
    let isFirst = true;
    let empty: Report | undefined;
    for (const event of seen.events) {
      if (event.kind === 'fault-report' && isEmpty(event)) empty = event;
      if (event.kind === 'fault-report' && event.delivered) {
        given.push(event);
        fresh.push(event);
      }
      if (event.kind !== 'answer' || event.verb !== 'faults' || event.outcome !== 'ok') continue;
      const { faults } = event.values;
      const lines = Array.isArray(faults) ? faults.map(String) : [];
      // The first answer may speak of what was there before the trace began.
      const mistake = isFirst ? undefined : mistakeIn(lines, given, fresh);
      if (!isFirst && lines.length > 0) {
        const says = `The driver reports ${mistake ?? ''}.`;
        // What was left in a buffer of which the device has written nothing may read like a record.
        const broken = empty === undefined ? (['iommu/prose/fault-record'] as const) : BEYOND_LENGTH;
        seen.check(broken, mistake === undefined, event, says);
      }
      isFirst = false;
      fresh = [];
    }
  },
  mustCatch: {
    'event-early': 'iommu/prose/fault-record',
    'empty-event-as-fault': 'split/driver/used/no-assumption-beyond-len',
    'fault-endpoint-misread': 'iommu/prose/fault-record',
    'fault-reason-off-by-one': 'iommu/prose/fault-record',
  },
});

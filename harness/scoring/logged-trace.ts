/** Makes of a log's events what monitors judge: 64-bit numbers stand in a log as `0x…` strings. */
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import { TOPOLOGIES } from '../../reference-device/topology/topologies.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import type { LoggedTraceEvent } from '../../reports/record/model.ts';

/** Fields of trace events and of set-ups that hold 64-bit numbers. */
const WIDE_FIELDS: ReadonlySet<string> = new Set([
  'addr',
  'address',
  'gpa',
  'virt_start',
  'virt_end',
  'phys_start',
  'value',
  'offered',
  'accepted',
  'desc',
  'driver',
  'device_area',
  'page_size_mask',
  'start',
  'end',
]);

/** Fields with words of a case or a driver in them, whatever they look like. */
const WORDS: ReadonlySet<string> = new Set(['args', 'values']);

const WIDE = /^0x[0-9a-f]{1,16}$/;

/** The events as they were before they were logged. What a log has that no device writes stays as it is. */
export function unloggedTrace(events: readonly LoggedTraceEvent[]): TraceEvent[] {
  return events.map((event) => unlogged(event) as TraceEvent);
}

/** The set-up as it was before it was logged; undefined if it is none that this version knows. */
export function unloggedSetup(logged: Readonly<Record<string, unknown>> | undefined): MachineSetup | undefined {
  const { topology } = logged ?? {};
  if (typeof topology !== 'string' || !Object.hasOwn(TOPOLOGIES, topology)) return undefined;
  return unlogged(logged) as MachineSetup;
}

function unlogged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unlogged);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      if (WORDS.has(key)) return [key, field];
      if (typeof field !== 'string') return [key, unlogged(field)];
      return [key, WIDE_FIELDS.has(key) && WIDE.test(field) ? BigInt(field) : field];
    }),
  );
}

import type { TraceEvent } from '../../reference-device/trace-events.ts';
import type { LoggedTraceEvent } from '../results/model.ts';

/** An event as it stands in the log: every bigint becomes a `0x…` string. */
export function loggedTrace(events: readonly TraceEvent[]): LoggedTraceEvent[] {
  return events.map((event) => logged(event) as LoggedTraceEvent);
}

function logged(value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map(logged);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, logged(inner)]));
  }
  return value;
}

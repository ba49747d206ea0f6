/** How much an event matters to somebody who reads a trace. */
import type { LoggedTraceEvent } from '../record/model.ts';

/** `wire` is what cases are about, `quiet` events are folded together, `verb` begins a part of its own. */
export type Weight = 'wire' | 'plain' | 'quiet' | 'verb';

const WEIGHTS: ReadonlyMap<string, Weight> = new Map<string, Weight>([
  ['register-read', 'quiet'],
  ['register-write', 'quiet'],
  ['notification', 'quiet'],
  ['notification-suppression', 'quiet'],
  ['chain', 'quiet'],
  ['interrupt', 'quiet'],
  ['window-access', 'quiet'],
  ['message', 'quiet'],
  ['ring-break', 'wire'],
  ['request', 'wire'],
  ['completion', 'wire'],
  ['dma', 'wire'],
  ['fault-report', 'wire'],
  ['verb', 'verb'],
]);

/** What an endpoint does to walk its rings is of interest only where it goes wrong. */
export function weightOf(event: LoggedTraceEvent): Weight {
  if (event.kind === 'dma' && event['cause'] === 'virtqueue' && event['outcome'] === 'ok') return 'quiet';
  return WEIGHTS.get(event.kind) ?? 'plain';
}

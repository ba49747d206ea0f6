/** The lanes of a sequence diagram: who takes part in a trace, from left to right. */
import type { Description } from './describe-event.ts';

/** More participants share the last lane before `memory`. */
export const LANES_MAX = 7;

const FIRST = ['harness', 'driver'];
const LAST = 'memory';
const OTHERS = 'others';

export interface Lanes {
  readonly names: readonly string[];
  /** Lanes at which the arrow of an event begins and ends; the same one twice if nobody else takes part. */
  of(description: Description): { readonly from: number; readonly to: number };
}

/** `harness`, `driver`, the devices and endpoints in the order of their appearance, `memory`; those that take part. */
export function lanesOf(descriptions: Iterable<Description>): Lanes {
  const seen = new Set<string>();
  for (const { from, to } of descriptions) {
    seen.add(from);
    if (to !== undefined) seen.add(to);
  }
  const devices = [...seen].filter((name) => !FIRST.includes(name) && name !== LAST);
  const room = LANES_MAX - FIRST.length - 1;
  const shown = devices.length > room ? [...devices.slice(0, room - 1), OTHERS] : devices;
  const names = [...FIRST, ...shown, ...(seen.has(LAST) ? [LAST] : [])];
  const laneOf = (name: string): number => {
    const lane = names.indexOf(name);
    return lane >= 0 ? lane : names.indexOf(OTHERS);
  };
  return { names, of: ({ from, to }) => ({ from: laneOf(from), to: laneOf(to ?? from) }) };
}

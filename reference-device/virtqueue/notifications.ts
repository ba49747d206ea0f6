/** Who has to tell whom about ring progress (2.7.7, 2.7.10). Indexes are 16-bit and wrap. */

/** The distance from `from` to `to`, going upwards. */
export const indexDistance = (from: number, to: number): number => (to - from) & 0xffff;

/** Whether moving an index from `oldIndex` to `newIndex` has passed the entry `event` (2.7.7.2, 2.7.10.1). */
export function eventPassed(event: number, newIndex: number, oldIndex: number): boolean {
  return indexDistance(event + 1, newIndex) < indexDistance(oldIndex, newIndex);
}

/** What the device knows when it judges an available buffer notification. */
export interface KickFacts {
  readonly eventIdx: boolean;
  /** Flags and avail_event as they stand in the used ring; undefined if they cannot be read. */
  readonly usedFlags: number | undefined;
  readonly availEvent: number | undefined;
  /**
   * Available idx now, and at the last notification. What the device found in between by its own looking does not
   * count: a driver decides by the buffers that it has added since it last notified.
   */
  readonly availIdx: number;
  readonly kickedAt: number;
  /** Notifications since the queue was enabled, this one included, and buffers made available in that time. */
  readonly kickCount: number;
  readonly bufferCount: number;
}

/** Whether the rules asked for a notification; undefined if it cannot be told. */
export function kickWanted(facts: KickFacts): boolean | undefined {
  // split/driver/avail-suppression/kick-when-flag-0, no-kick-when-flag-1
  if (!facts.eventIdx) return facts.usedFlags === undefined ? undefined : (facts.usedFlags & 1) === 0;
  if (facts.availEvent === undefined) return undefined;
  if (facts.availIdx === facts.kickedAt) {
    // The last notification may have found the buffers that this one was sent for; only when there were more
    // notifications than buffers was one of them certainly needless.
    return facts.kickCount > facts.bufferCount ? false : undefined;
  }
  // split/driver/avail-suppression/kick-at-avail-event, no-kick-otherwise
  return eventPassed(facts.availEvent, facts.availIdx, facts.kickedAt);
}

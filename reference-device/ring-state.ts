/** What a trace tells of a ring when notifications are at stake. */

/**
 * What the memory of a ring holds on available buffer notifications at one moment, 16 bits each (2.7.10, 2.8.10). A
 * driver that works at the same time may have got further than it has said.
 */
export interface RingState {
  /** Where the driver would put its next buffer: the available idx; in a packed ring the offset, wrap counter in bit 15. */
  readonly position: number;
  /** Flags of the used ring; in a packed ring of the Device Event Suppression structure. */
  readonly flags: number;
  /** avail_event; in a packed ring the descriptor in the Device Event Suppression structure, wrap counter in bit 15. */
  readonly event: number;
}

/** When the device looked what lies in a ring without having been notified. */
export type UnannouncedMoment = 'poll' | 'suspend' | 'queue-reset' | 'reset';

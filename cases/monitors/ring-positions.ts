/** Positions in a ring as a trace tells them: 16 bits that come round, with the wrap counter in bit 15 where it is packed. */
export interface RingPositions {
  /** How many there are before they repeat. */
  readonly round: number;
  /** That of a ring into which nothing has been put. */
  readonly start: number;
  /** By how many `to` lies beyond `from`. */
  readonly distance: (from: number, to: number) => number;
}

export const WRAP = 0x8000;

const SPLIT: RingPositions = { round: 0x1_0000, start: 0, distance: (from, to) => (to - from) & 0xffff };

/** A packed ring counts two rounds before it repeats, the first with wrap counter 1. */
function packedPositions(size: number): RingPositions {
  const round = 2 * size;
  const place = (position: number): number => (position & (WRAP - 1)) + ((position & WRAP) === 0 ? size : 0);
  const distance = (from: number, to: number): number => (((place(to) - place(from)) % round) + round) % round;
  return { round, start: WRAP, distance };
}

/** Those of a queue with `size` entries. */
export const ringPositions = (packed: boolean, size: number): RingPositions => (packed ? packedPositions(size) : SPLIT);

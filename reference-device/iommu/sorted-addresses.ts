/** Which 32-bit half of a 64-bit number in memory is the low one: this machine's byte order says. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** The address that is looked for, in halves. One serves all look-ups. */
const wanted = new BigUint64Array(1);
const wantedHalves = new Uint32Array(wanted.buffer);

/**
 * The first index in `[0, count)` whose value is greater than `value`; `count` if there is none.
 * `halves` are sorted 64-bit numbers as pairs of 32-bit ones: comparing bigints takes several times as long.
 */
export function upperBound(halves: Uint32Array, count: number, value: bigint): number {
  wanted[0] = value;
  const high = wantedHalves[HIGH]!;
  const low = wantedHalves[LOW]!;
  let from = 0;
  let until = count;
  while (from < until) {
    const middle = (from + until) >>> 1;
    const middleHigh = halves[2 * middle + HIGH]!;
    if (middleHigh < high || (middleHigh === high && halves[2 * middle + LOW]! <= low)) from = middle + 1;
    else until = middle;
  }
  return from;
}

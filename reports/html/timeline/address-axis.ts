/**
 * A vertical axis for addresses that lie far apart: every range in use has rows of its own, and what lies between is a
 * thin gap.
 */

/** Inclusive at both ends. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** A row of the axis; `y` and `height` in pixels from the top of the axis. */
export interface Band extends AddressRange {
  readonly y: number;
  readonly height: number;
  /** Whether anything lies here. */
  readonly used: boolean;
}

export interface AddressAxis {
  readonly bands: readonly Band[];
  readonly height: number;
  /** Where a range that was given to `addressAxis` lies. */
  place(range: AddressRange): { readonly y: number; readonly height: number };
}

const USED_HEIGHT = 18;
const GAP_HEIGHT = 6;

/** The axis on which each of `ranges` has its place. */
export function addressAxis(ranges: readonly AddressRange[]): AddressAxis {
  const edges = [...new Set(ranges.flatMap(({ start, end }) => [start, end + 1n]))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  const bands: Band[] = [];
  let y = 0;
  for (let index = 0; index + 1 < edges.length; index++) {
    const start = edges[index]!;
    const end = edges[index + 1]! - 1n;
    const used = ranges.some((range) => range.start <= start && range.end >= end);
    const height = used ? USED_HEIGHT : GAP_HEIGHT;
    bands.push({ start, end, y, height, used });
    y += height;
  }
  return { bands, height: y, place: (range) => placeOf(range, bands) };
}

function placeOf({ start, end }: AddressRange, bands: readonly Band[]): { y: number; height: number } {
  const first = bands.find((band) => band.start >= start);
  const last = bands.findLast((band) => band.end <= end);
  if (!first || !last) return { y: 0, height: 0 };
  return { y: first.y, height: Math.max(0, last.y + last.height - first.y) };
}

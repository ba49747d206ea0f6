/** Accesses of a given width through views that never change hands, so that an access allocates nothing. */

/** Width of an access in bytes. */
export type Width = 1 | 2 | 4 | 8;

const scratch = new ArrayBuffer(8);
const VIEWS: Readonly<Record<Width, DataView>> = {
  1: new DataView(scratch, 0, 1),
  2: new DataView(scratch, 0, 2),
  4: new DataView(scratch, 0, 4),
  8: new DataView(scratch, 0, 8),
};

/** What `read` puts into its view, little-endian; a 64-bit number loses digits and is read for its side effect only. */
export function readThrough(width: Width, read: (out: DataView) => void): number {
  const view = VIEWS[width];
  read(view);
  if (width === 1) return view.getUint8(0);
  if (width === 2) return view.getUint16(0, true);
  if (width === 4) return view.getUint32(0, true);
  return Number(view.getBigUint64(0, true));
}

/** Hands `value` to `write`, little-endian, cut to `width`. */
export function writeThrough(width: Width, value: number | bigint, write: (data: DataView) => void): void {
  const view = VIEWS[width];
  if (width === 1) view.setUint8(0, Number(value));
  else if (width === 2) view.setUint16(0, Number(value), true);
  else if (width === 4) view.setUint32(0, Number(value), true);
  else view.setBigUint64(0, BigInt(value), true);
  write(view);
}

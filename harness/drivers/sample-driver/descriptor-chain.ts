/** Descriptors of the split virtqueue (2.7.5), written byte by byte. */
import type { DriverFaults } from './driver-faults.ts';

/** One piece of a buffer: where the device finds it. */
export interface Piece {
  readonly bus: bigint;
  readonly length: number;
  readonly writable: boolean;
}

/** Room for an indirect table: where the CPU and where the device finds it. */
export interface TableRoom {
  readonly offset: number;
  readonly bus: bigint;
}

export const DESCRIPTOR_SIZE = 16;
/** Head of every request (5.13.6). */
const HEAD_LENGTH = 4;
/** Bytes of a request from which on a table may seem worth while. */
const LONG_REQUEST = 32;
/** Bytes of a request up to which one descriptor a byte is merely odd. */
const SHORT_REQUEST = 40;
const WORD = 4;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

/** A table of descriptors at `offset` of `view`. */
export interface Table {
  readonly view: DataView;
  readonly offset: number;
  /** Descriptors in the table. */
  readonly size: number;
}

function writeDescriptor(table: Table, index: number, piece: Piece, flags: number, next: number): void {
  const at = table.offset + index * DESCRIPTOR_SIZE;
  table.view.setBigUint64(at, piece.bus, true);
  table.view.setUint32(at + 8, piece.length, true);
  table.view.setUint16(at + 12, flags, true);
  table.view.setUint16(at + 14, next, true);
}

/** Links `pieces` through the descriptors `indices` of `table`; `isTable` if that is an indirect one. */
export function writeChain(
  table: Table,
  indices: readonly number[],
  pieces: readonly Piece[],
  faults: DriverFaults,
  isTable = false,
): void {
  for (const [position, piece] of pieces.entries()) {
    const last = position === pieces.length - 1;
    let next = last ? 0 : indices[position + 1]!;
    let flags = (piece.writable ? WRITE : 0) | (last ? 0 : NEXT);
    if (last && faults.has('next-flag-left')) flags |= NEXT;
    if (last && faults.has('chain-loops')) {
      flags |= NEXT;
      next = indices[0]!;
    }
    if (!last && faults.has('next-out-of-range')) next = table.size + 1;
    if (position === 0 && faults.has('indirect-nested')) flags = INDIRECT;
    if (last && isTable && faults.has('indirect-nested-tail')) flags |= INDIRECT;
    writeDescriptor(table, indices[position]!, piece, flags, next);
  }
}

/** Makes descriptor `index` of `table` stand for the indirect table in `room`. */
export function writeIndirect(table: Table, index: number, room: TableRoom, size: number, faults: DriverFaults): void {
  let length = size * DESCRIPTOR_SIZE;
  if (faults.has('indirect-length-odd')) length += 8;
  if (faults.has('indirect-length-zero')) length = 0;
  const isLinked = faults.has('indirect-and-next') || faults.has('next-flag-left');
  const flags = isLinked ? INDIRECT | NEXT : INDIRECT;
  writeDescriptor(table, index, { bus: room.bus, length, writable: false }, flags, 0);
}

/** Whether a buffer for which there is room for a table gets one. */
export function usesTable(
  pieces: readonly Piece[],
  features: { readonly indirect: boolean },
  faults: DriverFaults,
): boolean {
  const isLong = pieces.some(({ writable, length }) => !writable && length > LONG_REQUEST);
  return (
    features.indirect || faults.has('indirect-without-feature') || (isLong && faults.has('indirect-for-long-requests'))
  );
}

/** Bytes of a request that one descriptor is to cover; all of them if there is `room` for few. */
function stepIn({ writable, length }: Piece, room: number, faults: DriverFaults): number {
  if (writable) return length;
  if (faults.has('request-in-single-bytes')) return 1;
  const hasRoom = (step: number): boolean => length <= SHORT_REQUEST && (2 * length) / step <= room;
  if (faults.has('one-descriptor-a-byte') && hasRoom(1)) return 1;
  return faults.has('one-descriptor-a-word') && length % WORD === 0 && hasRoom(WORD) ? WORD : length;
}

const cut = (piece: Piece, step: number): Piece[] =>
  Array.from({ length: piece.length / step }, (_, at) => ({
    ...piece,
    bus: piece.bus + BigInt(at * step),
    length: step,
  }));

/** The pieces as a driver with these mistakes would hand them over. */
export function spoiled(pieces: readonly Piece[], queueSize: number, faults: DriverFaults): readonly Piece[] {
  const first = pieces[0];
  if (!first) return pieces;
  if (faults.has('writable-before-readable')) return pieces.toReversed();
  const step = stepIn(first, queueSize - 2 * pieces.length, faults);
  if (step < first.length) return [...cut(first, step), ...pieces.slice(1)];
  // Lists of two always find room for both or for none in rings of an even length.
  if ((faults.has('packed-list-begun-without-room') || faults.has('packed-head-as-room-allows')) && !first.writable) {
    const head = { ...first, length: HEAD_LENGTH };
    const fields = { ...first, bus: first.bus + BigInt(HEAD_LENGTH), length: first.length - HEAD_LENGTH };
    return [head, fields, ...pieces.slice(1)];
  }
  if (faults.has('descriptor-length-zero')) return [{ ...first, length: 0 }, ...pieces];
  if (faults.has('descriptor-wraps-address-space')) {
    const huge = { ...first, length: 0xffff_ffff, writable: true };
    return [...pieces, huge, huge];
  }
  if (faults.has('indirect-longer-than-queue')) {
    return [...Array.from({ length: queueSize }, () => ({ ...first, length: 1 })), ...pieces];
  }
  return pieces;
}

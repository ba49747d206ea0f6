/** One and the same request, cut into descriptors in every way: the answer must not depend on it (2.7.4). */
import { describe, expect, it } from 'vitest';
import { endpointId } from '../machine-setup.ts';
import { attach, map, TinyMachine, unmap, VERSION_1, INDIRECT_DESC } from './fixtures/tiny-machine.ts';
import { INDIRECT, NEXT, WRITE } from '../virtqueue/fixtures/tiny-ring.ts';

const MAP_UNMAP = 1n << 2n;
const RING_PACKED = 1n << 34n;
const IN_ORDER = 1n << 35n;
const FEATURES = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_INDIRECT_DESC',
  'VIRTIO_F_RING_PACKED',
  'VIRTIO_F_IN_ORDER',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
] as const;

const QUEUE_AT = 0x1000;
const SIZE = 64;
const REQUEST_AT = 0x8000;
const ANSWER_AT = 0x9000;
const TABLE_AT = 0xa000;
const TAIL = 4;

interface Piece {
  readonly addr: bigint;
  readonly len: number;
  readonly flags: number;
}

/** How many pieces stand in the ring itself; the others go into an indirect table. */
type Framing = 'direct' | 'indirect' | 'mixed';
const FRAMINGS = { split: ['direct', 'indirect', 'mixed'], packed: ['direct', 'indirect'] } as const;

/** The stretch from `start` on, cut into pieces of these lengths. */
function cut(start: number, lengths: readonly number[], flags: number): Piece[] {
  let at = start;
  return lengths.map((len) => {
    const piece = { addr: BigInt(at), len, flags };
    at += len;
    return piece;
  });
}

class FramingBench {
  readonly #machine = new TinyMachine({ features: FEATURES, slots: ['dma'] });
  readonly #put: (pieces: readonly Piece[], framing: Framing) => void;
  readonly #returned: () => readonly { readonly len: number }[];

  constructor(format: 'split' | 'packed', inOrder: boolean) {
    const { iommu } = this.#machine;
    const packed = format === 'packed';
    iommu.negotiate(VERSION_1 | MAP_UNMAP | INDIRECT_DESC | (packed ? RING_PACKED : 0n) | (inOrder ? IN_ORDER : 0n));
    if (packed) {
      const ring = iommu.packedQueue(0, QUEUE_AT, SIZE);
      this.#put = (pieces, framing) => {
        const list =
          framing === 'direct' ? pieces : [this.#table(pieces, (at, piece) => ring.describe(at, piece, 9, TABLE_AT))];
        ring.offer(list, 7);
      };
      this.#returned = () => ring.takeUsed();
    } else {
      const ring = iommu.queue(0, QUEUE_AT, SIZE);
      this.#put = (pieces, framing) => {
        const directCount = framing === 'direct' ? pieces.length : framing === 'indirect' ? 0 : pieces.length >> 1;
        const rest = pieces.slice(directCount);
        const inner = (at: number, piece: Piece): void =>
          ring.describe(
            at,
            { ...piece, flags: piece.flags | (at < rest.length - 1 ? NEXT : 0), next: at + 1 },
            TABLE_AT,
          );
        const chain = [...pieces.slice(0, directCount), ...(framing === 'direct' ? [] : [this.#table(rest, inner)])];
        for (const [at, piece] of chain.entries()) {
          ring.describe(at, { ...piece, flags: piece.flags | (at < chain.length - 1 ? NEXT : 0), next: at + 1 });
        }
        ring.offer(0);
      };
      this.#returned = () => ring.takeUsed();
    }
    iommu.status = 15;
  }

  #table(pieces: readonly Piece[], describe: (at: number, piece: Piece) => void): Piece {
    for (const [at, piece] of pieces.entries()) describe(at, piece);
    return { addr: BigInt(TABLE_AT), len: 16 * pieces.length, flags: INDIRECT };
  }

  /** Sends `request` cut into pieces of these lengths, its tail too; used length and status. */
  send(request: Uint8Array, readable: readonly number[], writable: readonly number[], framing: Framing) {
    const { ram, iommu } = this.#machine;
    new Uint8Array(ram.buffer).set(request, REQUEST_AT);
    new Uint8Array(ram.buffer).fill(0xee, ANSWER_AT, ANSWER_AT + TAIL);
    this.#put([...cut(REQUEST_AT, readable, 0), ...cut(ANSWER_AT, writable, WRITE)], framing);
    iommu.notify(0);
    const [used, ...more] = this.#returned();
    expect(more).toEqual([]);
    const broken = this.#machine.events('ring-break').map(({ reason }) => reason);
    expect(broken).toEqual([]);
    return { usedLength: used?.len, tail: Array.from({ length: TAIL }, (_, at) => ram.getUint8(ANSWER_AT + at)) };
  }
}

/** Lengths of at most `most` pieces that make `total` together; the same numbers give the same cut. */
function someCut(total: number, most: number, seed: number): number[] {
  const lengths: number[] = [];
  let left = total;
  let state = seed * 2654435761 + 1;
  while (left > 0) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const length = lengths.length === most - 1 ? left : 1 + ((state >>> 16) % left);
    lengths.push(length);
    left -= length;
  }
  return lengths;
}

const whole = (total: number, by: number): number[] =>
  Array.from({ length: Math.ceil(total / by) }, (_, at) => Math.min(by, total - at * by));

const OK = { usedLength: TAIL, tail: [0, 0, 0, 0] };

const ROWS = (['split', 'packed'] as const).flatMap((format) =>
  [false, true].flatMap((inOrder) => FRAMINGS[format].map((framing) => ({ format, inOrder, framing }))),
);

describe.each(ROWS)('a request on a $format ring, $framing, in order: $inOrder', ({ format, inOrder, framing }) => {
  const domain = 1;
  const attached = (): FramingBench => {
    const bench = new FramingBench(format, inOrder);
    expect(bench.send(attach(domain, endpointId('dma')), [20], [TAIL], framing)).toEqual(OK);
    return bench;
  };

  it('may be cut into pieces of one size each, down to single bytes', () => {
    const bench = attached();
    const request = map(domain, 0x10_0000n, 0x1000n, 0x4000n);
    const undo = unmap(domain, 0x10_0000n, 0x1000n);
    for (let by = 1; by <= request.length; by++) {
      for (let tailBy = 1; tailBy <= TAIL; tailBy++) {
        expect(bench.send(request, whole(request.length, by), whole(TAIL, tailBy), framing)).toEqual(OK);
        expect(bench.send(undo, whole(undo.length, by), whole(TAIL, tailBy), framing)).toEqual(OK);
      }
    }
  });

  it('may be cut in two anywhere', () => {
    const bench = attached();
    const request = map(domain, 0x10_0000n, 0x1000n, 0x4000n);
    const undo = unmap(domain, 0x10_0000n, 0x1000n);
    for (let at = 1; at < request.length; at++) {
      expect(bench.send(request, [at, request.length - at], [1 + (at % 3), 3 - (at % 3)], framing)).toEqual(OK);
      expect(bench.send(undo, [undo.length], [TAIL], framing)).toEqual(OK);
    }
  });

  it('may be cut at random, with an answer that shows which bytes arrived', () => {
    const bench = attached();
    for (let seed = 1; seed <= 200; seed++) {
      const virt = BigInt(seed) * 0x1000n;
      const request = map(domain, virt, 0x1000n, 0x4000n);
      const pieces = someCut(request.length, SIZE - TAIL, seed);
      expect(bench.send(request, pieces, someCut(TAIL, TAIL, seed), framing)).toEqual(OK);
      // The second time the mapping is there already: 1 to 4 bytes of the request decided on that.
      expect(bench.send(request, pieces.toReversed(), someCut(TAIL, TAIL, seed + 1), framing).tail[0]).not.toBe(0);
    }
  });
});

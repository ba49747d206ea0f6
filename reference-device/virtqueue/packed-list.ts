/** The walk along one list of descriptors of a packed ring (2.8.5 to 2.8.7), direct and indirect. */
import type { RingBreak, TracedDescriptor } from '../trace-events.ts';
import { DESCRIPTOR_BYTES, packedRing, VIRTQ_DESC_F } from '../wire/virtio.ts';
import { ChainBuffers, type ChainObjection, indirectTableObjection } from './chain-buffers.ts';
import type { QueueMemory, RingArea } from './queue-memory.ts';
import type { BrokenChain, Chain, Taken } from './virtqueue.ts';
import { counted } from '../counted.ts';

/** What the walk needs to know of its ring. */
export interface PackedDescriptors {
  readonly size: number;
  readonly ring: RingArea;
  readonly memory: QueueMemory;
  readonly indirectNegotiated: boolean;
}

/** The first descriptor of a list, and what the trace tells of the moment. */
export type ListHead = Pick<Chain, 'availIdx' | 'availFlags'> & {
  /** In descriptors, counted from the moment the queue was enabled. */
  readonly position: number;
};

/** The wrap counter in force at a position: 1 in the first round, 0 in the second, and so on (2.8.1). */
export const wrapAt = (position: number, size: number): 0 | 1 => (Math.floor(position / size) % 2 === 0 ? 1 : 0);

/** packed/device/desc/use-only-after-avail-change: AVAIL is the wrap counter, and USED its inverse. */
export function isAvailable(flags: number, wrap: 0 | 1): boolean {
  const expected = wrap === 1 ? VIRTQ_DESC_F.AVAIL : VIRTQ_DESC_F.USED;
  return (flags & (VIRTQ_DESC_F.AVAIL | VIRTQ_DESC_F.USED)) === expected;
}

/** A list as it lies in the ring, its descriptors not yet looked into. */
interface Laid {
  readonly direct: readonly TracedDescriptor[];
  readonly id: number;
}

/** Flags are read before the rest: what stands there when they say available is complete. */
function readDescriptor(area: RingArea, table: TracedDescriptor['table'], index: number): TracedDescriptor | undefined {
  const at = area.load(index * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES);
  if (at === undefined) return undefined;
  const view = area.view;
  const flags = view.getUint16(at + packedRing.flagsOffset, true);
  return {
    table,
    index,
    addr: view.getBigUint64(at, true),
    len: view.getUint32(at + packedRing.lenOffset, true),
    flags,
    next: 0,
    id: view.getUint16(at + packedRing.idOffset, true),
  };
}

const hasFlag = ({ flags }: TracedDescriptor, bit: number): boolean => (flags & bit) !== 0;

/** A list that leaves the device without a way to go on: where the next one begins cannot be known. */
function lost(reason: RingBreak, says: string, descriptors: readonly TracedDescriptor[]): BrokenChain {
  return { outcome: 'broken', reason, says, descriptors };
}

/**
 * Reads the descriptors of the list that begins at `from`, as far as NEXT goes; undefined if none is available there.
 * Reads at most as many as the ring has.
 */
function layOut({ size, ring }: PackedDescriptors, from: number): Laid | BrokenChain | undefined {
  const direct: TracedDescriptor[] = [];
  // packed/device/sg/list-in-order
  for (let position = from; direct.length < size; position++) {
    const index = position % size;
    const descriptor = readDescriptor(ring, 'direct', index);
    if (descriptor === undefined) {
      return lost('ring-not-in-memory', `the device cannot read descriptor ${index} of the descriptor ring`, direct);
    }
    const available = isAvailable(descriptor.flags, wrapAt(position, size));
    if (!available && direct.length === 0) return undefined;
    direct.push(descriptor);
    // packed/driver/sg/head-exposed-last, packed/prose/flags-in-every-descriptor
    if (!available) {
      return lost(
        'list-incomplete',
        `descriptor ${index - 1} has NEXT and descriptor ${index} is not available: its flags are 0x${descriptor.flags.toString(16)}`,
        direct,
      );
    }
    // packed/prose/buffer-id-in-last
    if (!hasFlag(descriptor, VIRTQ_DESC_F.NEXT)) return { direct, id: descriptor.id ?? 0 };
  }
  // packed/driver/sg/list-within-queue-size, packed/device/sg/may-limit-list
  return lost(
    'chain-longer-than-queue',
    `the list has more than ${counted(size, 'descriptor')}, which is the queue's size`,
    direct,
  );
}

class ListWalk {
  readonly #packed: PackedDescriptors;
  readonly #head: ListHead;
  readonly #laid: Laid;
  readonly #descriptors: TracedDescriptor[];
  readonly #buffers: ChainBuffers;

  constructor(packed: PackedDescriptors, head: ListHead, laid: Laid) {
    this.#packed = packed;
    this.#head = head;
    this.#laid = laid;
    this.#descriptors = [...laid.direct];
    this.#buffers = new ChainBuffers(packed.memory);
  }

  run(): Taken {
    for (const descriptor of this.#laid.direct) {
      const indirect = hasFlag(descriptor, VIRTQ_DESC_F.INDIRECT);
      const objection = indirect ? this.#readTable(descriptor) : this.#buffers.add(descriptor);
      if (objection !== undefined) return this.#broken(objection);
    }
    const { buffers, readableCount, readableLength, writableLength } = this.#buffers;
    const { availIdx, availFlags } = this.#head;
    return {
      outcome: 'chain',
      headIndex: this.#laid.id,
      slotCount: this.#laid.direct.length,
      availIdx,
      availFlags,
      descriptors: this.#descriptors,
      buffers,
      readableCount,
      readableLength,
      writableLength,
    };
  }

  #broken({ reason, says }: ChainObjection): BrokenChain {
    const { direct, id } = this.#laid;
    return {
      outcome: 'broken',
      reason,
      says,
      descriptors: this.#descriptors,
      headIndex: id,
      slotCount: direct.length,
    };
  }

  #readTable(descriptor: TracedDescriptor): ChainObjection | undefined {
    const { size, memory, indirectNegotiated } = this.#packed;
    // packed/driver/indirect/no-indirect-in-chain
    if (this.#laid.direct.length > 1) {
      return { reason: 'indirect-in-list', says: 'INDIRECT is set in a descriptor of a list that is linked by NEXT' };
    }
    const objection = indirectTableObjection(descriptor, memory, indirectNegotiated);
    if (objection !== undefined) return objection;
    const count = descriptor.len / DESCRIPTOR_BYTES;
    // packed/driver/sg/list-within-queue-size
    if (count > size) {
      return {
        reason: 'chain-longer-than-queue',
        says: `the indirect table has ${counted(count, 'descriptor')}, the queue has ${counted(size, 'entry', 'entries')}`,
      };
    }
    const table = memory.area(descriptor.addr, descriptor.len);
    for (let index = 0; index < count; index++) {
      const inner = readDescriptor(table, 'indirect', index);
      if (inner === undefined) {
        return { reason: 'address-not-in-memory', says: `the device cannot read descriptor ${index} of the table` };
      }
      this.#descriptors.push(inner);
      // Flags other than WRITE are reserved in a table, and the device ignores them (2.8.7).
      const problem = this.#buffers.add(inner);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

/** The list that begins at `head.position`; undefined if no descriptor is available there. */
export function walkList(packed: PackedDescriptors, head: ListHead): Taken | undefined {
  const laid = layOut(packed, head.position);
  if (laid === undefined || 'outcome' in laid) return laid;
  return new ListWalk(packed, head, laid).run();
}

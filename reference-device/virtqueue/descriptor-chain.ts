/** The walk along one descriptor chain of a split ring (2.7.5), direct and indirect. */
import type { RingBreak, TracedDescriptor } from '../trace-events.ts';
import { DESCRIPTOR_BYTES, VIRTQ_DESC_F } from '../wire/virtio.ts';
import { ChainBuffers, type ChainObjection, indirectTableObjection } from './chain-buffers.ts';
import type { QueueMemory, RingArea } from './queue-memory.ts';
import type { BrokenChain, Chain, Taken } from './virtqueue.ts';
import { counted } from '../counted.ts';

/** What the walk needs to know of its ring. */
export interface DescriptorRing {
  readonly size: number;
  readonly descriptorTable: RingArea;
  readonly memory: QueueMemory;
  readonly indirectNegotiated: boolean;
}

/** Where the chain was found. */
export type ChainHead = Pick<Chain, 'headIndex' | 'availIdx' | 'availFlags'>;

interface DescriptorTable {
  readonly kind: TracedDescriptor['table'];
  readonly area: RingArea;
  readonly count: number;
}

function readDescriptor(table: DescriptorTable, index: number): TracedDescriptor | undefined {
  const at = table.area.load(index * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES);
  if (at === undefined) return undefined;
  const view = table.area.view;
  return {
    table: table.kind,
    index,
    addr: view.getBigUint64(at, true),
    len: view.getUint32(at + 8, true),
    flags: view.getUint16(at + 12, true),
    next: view.getUint16(at + 14, true),
  };
}

class ChainWalk {
  readonly #ring: DescriptorRing;
  readonly #head: ChainHead;
  readonly #descriptors: TracedDescriptor[] = [];
  readonly #buffers: ChainBuffers;
  #table: DescriptorTable;

  constructor(ring: DescriptorRing, head: ChainHead) {
    this.#ring = ring;
    this.#head = head;
    this.#buffers = new ChainBuffers(ring.memory);
    this.#table = { kind: 'direct', area: ring.descriptorTable, count: ring.size };
  }

  run(): Taken {
    let index = this.#head.headIndex;
    for (;;) {
      const table = this.#table;
      if (index >= table.count) {
        return this.#broken(
          'descriptor-index-out-of-range',
          `next is ${index}, the ${table.kind} table has ${counted(table.count, 'entry', 'entries')}`,
        );
      }
      const descriptor = readDescriptor(table, index);
      if (descriptor === undefined) return this.#unreadable(index);
      this.#descriptors.push(descriptor);
      const indirect = (descriptor.flags & VIRTQ_DESC_F.INDIRECT) !== 0;
      const objection = indirect ? this.#enterIndirect(descriptor) : this.#buffers.add(descriptor);
      if (objection !== undefined) return this.#broken(objection.reason, objection.says);
      if (indirect) {
        index = 0;
      } else {
        if ((descriptor.flags & VIRTQ_DESC_F.NEXT) === 0) return this.#chain();
        if (this.#buffers.buffers.length >= this.#ring.size) return this.#endless();
        index = descriptor.next;
      }
    }
  }

  #chain(): Chain {
    const { buffers, readableCount, readableLength, writableLength } = this.#buffers;
    return {
      outcome: 'chain',
      headIndex: this.#head.headIndex,
      slotCount: 1,
      availIdx: this.#head.availIdx,
      availFlags: this.#head.availFlags,
      descriptors: this.#descriptors,
      buffers,
      readableCount,
      readableLength,
      writableLength,
    };
  }

  #broken(reason: RingBreak, says: string): BrokenChain {
    return { outcome: 'broken', reason, says, descriptors: this.#descriptors, headIndex: this.#head.headIndex };
  }

  #unreadable(index: number): BrokenChain {
    if (this.#table.kind === 'direct') {
      const says = `the device cannot read descriptor ${index} of the descriptor table`;
      return { outcome: 'broken', reason: 'ring-not-in-memory', says, descriptors: this.#descriptors };
    }
    return this.#broken('address-not-in-memory', `the device cannot read descriptor ${index} of the indirect table`);
  }

  #enterIndirect(descriptor: TracedDescriptor): ChainObjection | undefined {
    const { addr, len, flags } = descriptor;
    // split/driver/indirect/no-nested-indirect
    if (this.#table.kind === 'indirect') {
      return { reason: 'indirect-nested', says: 'INDIRECT is set in a descriptor of an indirect table' };
    }
    // split/driver/indirect/indirect-and-next-exclusive
    if (this.#ring.indirectNegotiated && (flags & VIRTQ_DESC_F.NEXT) !== 0) {
      return { reason: 'indirect-with-next', says: 'INDIRECT and NEXT are set in one descriptor' };
    }
    const objection = indirectTableObjection(descriptor, this.#ring.memory, this.#ring.indirectNegotiated);
    if (objection !== undefined) return objection;
    // split/device/indirect/chain-then-indirect: buffers that came before stay in the chain.
    // split/device/indirect/ignore-write-on-indirect: WRITE is not looked at here.
    this.#table = { kind: 'indirect', area: this.#ring.memory.area(addr, len), count: len / DESCRIPTOR_BYTES };
    return undefined;
  }

  /** The chain goes on although it has as many descriptors as the queue: a loop, or simply too long. */
  #endless(): BrokenChain {
    const { buffers } = this.#buffers;
    const seen = new Set(buffers.map(({ table, index }) => `${table} ${index}`));
    const next = buffers.at(-1)?.next ?? 0;
    if (seen.size < buffers.length || seen.has(`${this.#table.kind} ${next}`)) {
      return this.#broken('chain-loops', `next leads back to descriptor ${next}, which the chain has passed already`);
    }
    // split/driver/indirect/chain-not-longer-than-queue, split/device/framing/may-limit-chain
    return this.#broken(
      'chain-longer-than-queue',
      `the chain has more than ${this.#ring.size} descriptors, which is the queue's size`,
    );
  }
}

/** Follows the chain that starts at `head.headIndex`. Reads at most one descriptor more than the queue has entries. */
export function walkChain(ring: DescriptorRing, head: ChainHead): Taken {
  return new ChainWalk(ring, head).run();
}

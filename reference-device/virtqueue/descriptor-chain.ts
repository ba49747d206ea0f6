/** The walk along one descriptor chain of a split ring (2.7.5), direct and indirect. */
import type { RingBreak, TracedDescriptor } from '../trace-events.ts';
import { DESCRIPTOR_BYTES, VIRTQ_DESC_F } from '../wire/virtio.ts';
import type { QueueMemory, RingArea } from './queue-memory.ts';
import type { BrokenChain, Chain, Taken } from './virtqueue.ts';

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

const MAX_CHAIN_BYTES = 2 ** 32;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

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
  readonly #buffers: TracedDescriptor[] = [];
  #table: DescriptorTable;
  #readableCount = 0;
  #readableLength = 0;
  #writableLength = 0;

  constructor(ring: DescriptorRing, head: ChainHead) {
    this.#ring = ring;
    this.#head = head;
    this.#table = { kind: 'direct', area: ring.descriptorTable, count: ring.size };
  }

  run(): Taken {
    let index = this.#head.headIndex;
    for (;;) {
      const table = this.#table;
      if (index >= table.count) {
        return this.#broken(
          'descriptor-index-out-of-range',
          `next is ${index}, the ${table.kind} table has ${table.count} entries`,
        );
      }
      const descriptor = readDescriptor(table, index);
      if (descriptor === undefined) return this.#unreadable(index);
      this.#descriptors.push(descriptor);
      const indirect = (descriptor.flags & VIRTQ_DESC_F.INDIRECT) !== 0;
      const broken = indirect ? this.#enterIndirect(descriptor) : this.#addBuffer(descriptor);
      if (broken !== undefined) return broken;
      if (indirect) {
        index = 0;
      } else {
        if ((descriptor.flags & VIRTQ_DESC_F.NEXT) === 0) return this.#chain();
        if (this.#buffers.length >= this.#ring.size) return this.#endless();
        index = descriptor.next;
      }
    }
  }

  #chain(): Chain {
    return {
      outcome: 'chain',
      headIndex: this.#head.headIndex,
      availIdx: this.#head.availIdx,
      availFlags: this.#head.availFlags,
      descriptors: this.#descriptors,
      buffers: this.#buffers,
      readableCount: this.#readableCount,
      readableLength: this.#readableLength,
      writableLength: this.#writableLength,
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

  #enterIndirect({ addr, len, flags }: TracedDescriptor): BrokenChain | undefined {
    // split/driver/indirect/no-nested-indirect
    if (this.#table.kind === 'indirect') {
      return this.#broken('indirect-nested', 'INDIRECT is set in a descriptor of an indirect table');
    }
    // split/driver/indirect/indirect-needs-feature
    if (!this.#ring.indirectNegotiated) {
      return this.#broken('indirect-not-negotiated', 'INDIRECT is set, but INDIRECT_DESC was not negotiated');
    }
    // split/driver/indirect/indirect-and-next-exclusive
    if ((flags & VIRTQ_DESC_F.NEXT) !== 0) {
      return this.#broken('indirect-with-next', 'INDIRECT and NEXT are set in one descriptor');
    }
    if (len === 0) return this.#broken('indirect-empty', 'the indirect table has length 0');
    if (len % DESCRIPTOR_BYTES !== 0) {
      return this.#broken(
        'indirect-length-not-multiple-of-16',
        `the indirect table has ${len} bytes, which is no multiple of ${DESCRIPTOR_BYTES}`,
      );
    }
    if (!this.#ring.memory.holds(addr, len)) {
      return this.#broken(
        'address-not-in-memory',
        `the indirect table at ${hex(addr)} of ${len} bytes is not in memory`,
      );
    }
    // split/device/indirect/ignore-write-on-indirect: WRITE is not looked at here.
    this.#table = { kind: 'indirect', area: this.#ring.memory.area(addr, len), count: len / DESCRIPTOR_BYTES };
    return undefined;
  }

  #addBuffer(descriptor: TracedDescriptor): BrokenChain | undefined {
    const { addr, len, flags } = descriptor;
    const writable = (flags & VIRTQ_DESC_F.WRITE) !== 0;
    if (len === 0) {
      return this.#broken('zero-length-descriptor', `descriptor ${descriptor.index} describes no memory: its len is 0`);
    }
    // split/driver/framing/readable-before-writable
    if (!writable && this.#writableLength > 0) {
      return this.#broken(
        'writable-before-readable',
        `descriptor ${descriptor.index} is device-readable, but a device-writable one came before it`,
      );
    }
    // split/driver/desc/chain-length-limit
    if (this.#readableLength + this.#writableLength + len > MAX_CHAIN_BYTES) {
      return this.#broken('chain-length-overflow', 'the chain describes more than 2^32 bytes');
    }
    if (!this.#ring.memory.holds(addr, len)) {
      return this.#broken('address-not-in-memory', `the buffer at ${hex(addr)} of ${len} bytes is not in memory`);
    }
    this.#buffers.push(descriptor);
    if (writable) {
      this.#writableLength += len;
    } else {
      this.#readableLength += len;
      this.#readableCount++;
    }
    return undefined;
  }

  /** The chain goes on although it has as many descriptors as the queue: a loop, or simply too long. */
  #endless(): BrokenChain {
    const seen = new Set(this.#buffers.map(({ table, index }) => `${table} ${index}`));
    const next = this.#buffers.at(-1)?.next ?? 0;
    if (seen.size < this.#buffers.length || seen.has(`${this.#table.kind} ${next}`)) {
      return this.#broken('chain-loops', `next leads back to descriptor ${next}, which the chain has passed already`);
    }
    // split/driver/indirect/chain-not-longer-than-queue
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

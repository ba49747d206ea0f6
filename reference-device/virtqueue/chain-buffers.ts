/** The memory that one chain describes, whatever the ring's format: what every buffer is held to. */
import type { RingBreak, TracedDescriptor } from '../trace-events.ts';
import { DESCRIPTOR_BYTES, VIRTQ_DESC_F } from '../wire/virtio.ts';
import type { QueueMemory } from './queue-memory.ts';
import { counted } from '../counted.ts';

/** What is wrong with a chain. `says` gives the observed and the allowed value in one sentence. */
export interface ChainObjection {
  readonly reason: RingBreak;
  readonly says: string;
}

const MAX_CHAIN_BYTES = 2 ** 32;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const objection = (reason: RingBreak, says: string): ChainObjection => ({ reason, says });

/** Collects the buffers of one chain in their order. Lengths in bytes. */
export class ChainBuffers {
  readonly #memory: QueueMemory;
  readonly buffers: TracedDescriptor[] = [];
  readableCount = 0;
  readableLength = 0;
  writableLength = 0;

  constructor(memory: QueueMemory) {
    this.#memory = memory;
  }

  /** Takes a descriptor that describes memory; an objection if it cannot be part of this chain. */
  add(descriptor: TracedDescriptor): ChainObjection | undefined {
    const { addr, len, flags, index } = descriptor;
    const writable = (flags & VIRTQ_DESC_F.WRITE) !== 0;
    if (len === 0) {
      return objection('zero-length-descriptor', `descriptor ${index} describes no memory: its len is 0`);
    }
    // split/driver/framing/readable-before-writable, packed/driver/sg/readable-before-writable
    if (!writable && this.writableLength > 0) {
      return objection(
        'writable-before-readable',
        `descriptor ${index} is device-readable, but a device-writable one came before it`,
      );
    }
    // split/driver/desc/chain-length-limit
    if (this.readableLength + this.writableLength + len > MAX_CHAIN_BYTES) {
      return objection('chain-length-overflow', 'the chain describes more than 2^32 bytes');
    }
    if (!this.#memory.holds(addr, len)) {
      return objection(
        'address-not-in-memory',
        `the buffer at ${hex(addr)} of ${counted(len, 'byte')} is not in memory`,
      );
    }
    this.buffers.push(descriptor);
    if (writable) {
      this.writableLength += len;
    } else {
      this.readableLength += len;
      this.readableCount++;
    }
    return undefined;
  }
}

/** Why the indirect table that `descriptor` points to cannot be used; undefined if it can. */
export function indirectTableObjection(
  { addr, len }: Pick<TracedDescriptor, 'addr' | 'len'>,
  memory: QueueMemory,
  indirectNegotiated: boolean,
): ChainObjection | undefined {
  // split/driver/indirect/indirect-needs-feature, packed/driver/indirect/indirect-needs-feature
  if (!indirectNegotiated) {
    return objection('indirect-not-negotiated', 'INDIRECT is set, but INDIRECT_DESC was not negotiated');
  }
  if (len === 0) return objection('indirect-empty', 'the indirect table has length 0');
  if (len % DESCRIPTOR_BYTES !== 0) {
    return objection(
      'indirect-length-not-multiple-of-16',
      `the indirect table has ${counted(len, 'byte')}, which is no multiple of ${DESCRIPTOR_BYTES}`,
    );
  }
  if (!memory.holds(addr, len)) {
    return objection(
      'address-not-in-memory',
      `the indirect table at ${hex(addr)} of ${counted(len, 'byte')} is not in memory`,
    );
  }
  return undefined;
}

/** The two formats of a virtqueue, and which of them a queue has by the features negotiated. */
import type { Access } from '../trace-events.ts';
import { hasFeature } from '../wire/features.ts';
import { DESCRIPTOR_BYTES, packedRing, splitRing, WRAP_BIT } from '../wire/virtio.ts';
import { InOrderVirtqueue } from './in-order-virtqueue.ts';
import { isAvailable } from './packed-list.ts';
import { PackedVirtqueue } from './packed-virtqueue.ts';
import type { QueueMemory } from './queue-memory.ts';
import { SplitVirtqueue } from './split-virtqueue.ts';
import type { Virtqueue } from './virtqueue.ts';

/** Where a queue lies, as the driver wrote it into the registers. `size` in entries. */
export interface QueuePlace {
  readonly size: number;
  readonly desc: bigint;
  readonly driver: bigint;
  readonly device: bigint;
}

export interface RingOptions {
  /** The feature word that decides on format and rules. */
  readonly accepted: bigint;
  /** See `VirtioDevice.batchesUsed`. */
  readonly batchesUsed: boolean;
  /** See `VirtioDevice.misleads`. */
  readonly misleads: boolean;
}

/** Stretches of memory that a device has to reach for a queue. `length` in bytes. */
export type QueueParts = readonly { readonly address: bigint; readonly length: number; readonly access: Access }[];

/** What memory holds when a queue is enabled; see the event `queue-enabled`. */
export interface RingContents {
  readonly usedFlags?: number;
  readonly availIdx?: number;
  readonly availableDescriptors?: number;
  readonly nonzeroDescriptor?: number;
}

/** The `position` of a ring into which nothing has been put; see `RingState`. */
export const startPosition = ({ accepted }: RingOptions): number => (isPacked(accepted) ? WRAP_BIT : 0);

const isPacked = (accepted: bigint): boolean => hasFeature(accepted, 'VIRTIO_F_RING_PACKED');

/** Throws nothing; `place.size` from 1 to 32768. */
export function makeRing(memory: QueueMemory, place: QueuePlace, options: RingOptions): Virtqueue {
  const { accepted, batchesUsed, misleads } = options;
  const layout = {
    ...place,
    eventIdx: hasFeature(accepted, 'VIRTIO_F_EVENT_IDX'),
    indirect: hasFeature(accepted, 'VIRTIO_F_INDIRECT_DESC'),
  };
  const ring = isPacked(accepted)
    ? new PackedVirtqueue(memory, layout)
    : new SplitVirtqueue(memory, { ...layout, misleads });
  return hasFeature(accepted, 'VIRTIO_F_IN_ORDER') ? new InOrderVirtqueue(ring, batchesUsed) : ring;
}

/** The parts of a queue; the descriptor ring of a packed one is read and written. */
export function partsOf({ size, desc, driver, device }: QueuePlace, { accepted }: RingOptions): QueueParts {
  if (isPacked(accepted)) {
    const length = packedRing.descriptorRingLength(size);
    return [
      { address: desc, length, access: 'read' },
      { address: desc, length, access: 'write' },
      { address: driver, length: packedRing.eventSuppressionLength, access: 'read' },
      { address: device, length: packedRing.eventSuppressionLength, access: 'write' },
    ];
  }
  return [
    { address: desc, length: splitRing.descriptorTableLength(size), access: 'read' },
    { address: driver, length: splitRing.driverAreaLength(size), access: 'read' },
    { address: device, length: splitRing.deviceAreaLength(size), access: 'write' },
  ];
}

/** Looks at a queue's memory without the device accessing it. What cannot be read is left out. */
export function contentsAtStart(memory: QueueMemory, place: QueuePlace, { accepted }: RingOptions): RingContents {
  const { size, desc, driver, device } = place;
  if (isPacked(accepted)) {
    const bytes = memory.peek(desc, packedRing.descriptorRingLength(size));
    return bytes === undefined ? {} : descriptorsAtStart(bytes);
  }
  const usedFlags = memory.area(device, splitRing.deviceAreaLength(size)).peekU16(0);
  const availIdx = memory.area(driver, splitRing.driverAreaLength(size)).peekU16(2);
  return { ...(usedFlags === undefined ? {} : { usedFlags }), ...(availIdx === undefined ? {} : { availIdx }) };
}

function descriptorsAtStart(ring: Uint8Array): RingContents {
  const view = new DataView(ring.buffer, ring.byteOffset, ring.byteLength);
  let until = 0;
  while (until < ring.length && isAvailable(view.getUint16(until + packedRing.flagsOffset, true), 1)) {
    until += DESCRIPTOR_BYTES;
  }
  const nonzero = ring.findIndex((byte, at) => at >= until && byte !== 0);
  return {
    availableDescriptors: until / DESCRIPTOR_BYTES,
    ...(nonzero === -1 ? {} : { nonzeroDescriptor: Math.floor(nonzero / DESCRIPTOR_BYTES) }),
  };
}

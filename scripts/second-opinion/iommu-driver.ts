/** A virtio-pci driver for the virtio-iommu that sends what it is told to, right or wrong, and looks at everything that comes back. */
import { type FeatureName, featureWord } from '../../reference-device/wire/features.ts';
import { STATUS, VIRTIO_PCI_CAP } from '../../reference-device/wire/virtio.ts';
import type { Bus, Width } from './bus.ts';
import { type BarSpace, placeBars, type StructurePlace, virtioStructures } from './pci.ts';
import { type Piece, RING_BYTES, RING_SIZE, SplitRing } from './split-ring.ts';

/** Guest-physical places. Everything lies above the holes of the first megabyte. */
const REQUEST_RING_AT = 0x10_0000;
const EVENT_RING_AT = REQUEST_RING_AT + RING_BYTES;
const READABLE_AT = 0x12_0000;
const WRITABLE_AT = 0x13_0000;
const EVENTS_AT = 0x14_0000;

const REQUESTQ = 0;
const EVENTQ = 1;

/** What the writable part of every request holds before the device writes. */
export const UNTOUCHED_BYTE = 0xee;

/** How a request's bytes are spread over descriptors. */
export type Framing = 'two' | 'halves' | 'bytes' | 'indirect' | 'indirect-bytes';

/** Fields of the common configuration (4.1.4.3). */
const COMMON = {
  device_feature_select: [0, 4],
  device_feature: [4, 4],
  driver_feature_select: [8, 4],
  driver_feature: [12, 4],
  num_queues: [18, 2],
  device_status: [20, 1],
  queue_select: [22, 2],
  queue_size: [24, 2],
  queue_enable: [28, 2],
  queue_notify_off: [30, 2],
} as const satisfies Record<string, readonly [number, Width]>;

/** Addresses of the areas have 64 bits and are written in halves. */
const QUEUE_AREAS = { desc: 32, driver: 40, device: 48 } as const;

/** What a request came back with. `written` is the whole writable part as it stands now. */
export interface Returned {
  /** Undefined if the device has not returned it. */
  readonly usedLength: number | undefined;
  readonly written: Uint8Array;
}

/** A filled event buffer, as long as the device says. */
export interface Event {
  readonly usedLength: number;
  readonly bytes: Uint8Array;
}

export class IommuDriver {
  readonly #bus: Bus;
  readonly #structures: ReadonlyMap<number, StructurePlace>;
  readonly #requests: SplitRing;
  readonly #events: SplitRing;
  readonly #notifyAt: [bigint, bigint] = [0n, 0n];
  #eventLength = 0;
  /** What the device offered for each queue when it was last started. */
  readonly queueSizes: [number, number] = [0, 0];

  private constructor(bus: Bus, structures: ReadonlyMap<number, StructurePlace>) {
    this.#bus = bus;
    this.#structures = structures;
    this.#requests = new SplitRing(bus, REQUEST_RING_AT);
    this.#events = new SplitRing(bus, EVENT_RING_AT);
  }

  /** Finds the registers of the function at `bdf`. */
  static async find(bus: Bus, bdf: number, space: BarSpace): Promise<IommuDriver> {
    return new IommuDriver(bus, await virtioStructures(bus, bdf, await placeBars(bus, bdf, space)));
  }

  #place(type: number): StructurePlace {
    const place = this.#structures.get(type);
    if (place === undefined) throw new Error(`the function has no virtio structure of type ${type}`);
    return place;
  }

  async #read(field: keyof typeof COMMON): Promise<number> {
    const [offset, width] = COMMON[field];
    return Number(await this.#bus.readMmio(this.#place(VIRTIO_PCI_CAP.COMMON_CFG).address + BigInt(offset), width));
  }

  async #write(field: keyof typeof COMMON, value: number): Promise<void> {
    const [offset, width] = COMMON[field];
    const { address } = this.#place(VIRTIO_PCI_CAP.COMMON_CFG);
    await this.#bus.writeMmio(address + BigInt(offset), width, BigInt(value));
  }

  status(): Promise<number> {
    return this.#read('device_status');
  }

  /** The 64 feature bits that the device offers. */
  async offered(): Promise<bigint> {
    await this.#write('device_feature_select', 0);
    const low = await this.#read('device_feature');
    await this.#write('device_feature_select', 1);
    return (BigInt(await this.#read('device_feature')) << 32n) | BigInt(low);
  }

  numQueues(): Promise<number> {
    return this.#read('num_queues');
  }

  /** Device reset (2.4). */
  async reset(): Promise<void> {
    await this.#write('device_status', 0);
    if ((await this.status()) !== 0) throw new Error('the device does not come out of its reset');
  }

  /** The initialization of 3.1 with empty rings; false if the device refuses `accept`. */
  async start(accept: readonly FeatureName[], events: { readonly count: number; readonly length: number }) {
    await this.reset();
    await this.#write('device_status', STATUS.ACKNOWLEDGE | STATUS.DRIVER);
    const word = featureWord(accept);
    for (const select of [0, 1]) {
      await this.#write('driver_feature_select', select);
      await this.#write('driver_feature', Number((word >> BigInt(32 * select)) & 0xffff_ffffn));
    }
    await this.#write('device_status', STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK);
    if (((await this.status()) & STATUS.FEATURES_OK) === 0) return false;
    await this.#enable(REQUESTQ, this.#requests);
    await this.#enable(EVENTQ, this.#events);
    await this.#write('device_status', STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK | STATUS.DRIVER_OK);
    this.#eventLength = events.length;
    for (let index = 0; index < events.count; index++) await this.#offerEvent(index);
    if (events.count > 0) await this.#notify(EVENTQ);
    return true;
  }

  async #enable(index: 0 | 1, ring: SplitRing): Promise<void> {
    await ring.clear();
    await this.#write('queue_select', index);
    this.queueSizes[index] = await this.#read('queue_size');
    await this.#write('queue_size', RING_SIZE);
    const { address } = this.#place(VIRTIO_PCI_CAP.COMMON_CFG);
    for (const area of ['desc', 'driver', 'device'] as const) {
      const register = address + BigInt(QUEUE_AREAS[area]);
      await this.#bus.writeMmio(register, 4, BigInt(ring.areas[area]));
      await this.#bus.writeMmio(register + 4n, 4, 0n);
    }
    const notify = this.#place(VIRTIO_PCI_CAP.NOTIFY_CFG);
    this.#notifyAt[index] = notify.address + BigInt((await this.#read('queue_notify_off')) * notify.extra);
    await this.#write('queue_enable', 1);
  }

  #notify(index: 0 | 1): Promise<void> {
    return this.#bus.writeMmio(this.#notifyAt[index], 2, BigInt(index));
  }

  /** Sends `readable` with room for `writableLength` bytes. Both devices answer before a notification is over. */
  async request(readable: Uint8Array, writableLength: number, framing: Framing): Promise<Returned> {
    await this.#bus.writeMemory(READABLE_AT, readable);
    await this.#bus.writeMemory(WRITABLE_AT, new Uint8Array(writableLength).fill(UNTOUCHED_BYTE));
    const pieces = [
      ...split(READABLE_AT, readable.length, framing, false),
      ...split(WRITABLE_AT, writableLength, framing, true),
    ];
    await this.#requests.offer(0, pieces, framing.startsWith('indirect'));
    await this.#notify(REQUESTQ);
    const [used] = await this.#requests.takeUsed();
    return { usedLength: used?.length, written: await this.#bus.readMemory(WRITABLE_AT, writableLength) };
  }

  /** Events that have come since the last call; their buffers go back to the device. */
  async takeEvents(): Promise<Event[]> {
    const events: Event[] = [];
    for (const { id, length } of await this.#events.takeUsed()) {
      const bytes = await this.#bus.readMemory(this.#eventAt(id), Math.min(length, this.#eventLength));
      events.push({ usedLength: length, bytes });
      await this.#offerEvent(id);
    }
    if (events.length > 0) await this.#notify(EVENTQ);
    return events;
  }

  #eventAt(index: number): number {
    return EVENTS_AT + this.#eventLength * index;
  }

  #offerEvent(index: number): Promise<void> {
    const piece = { address: this.#eventAt(index), length: this.#eventLength, writable: true };
    return this.#events.offer(index, [piece]);
  }

  readConfig(offset: number, width: Width): Promise<bigint> {
    return this.#bus.readMmio(this.#place(VIRTIO_PCI_CAP.DEVICE_CFG).address + BigInt(offset), width);
  }

  writeConfig(offset: number, width: Width, value: bigint): Promise<void> {
    return this.#bus.writeMmio(this.#place(VIRTIO_PCI_CAP.DEVICE_CFG).address + BigInt(offset), width, value);
  }
}

/** The descriptors of one part; none if it is empty. */
function split(address: number, length: number, framing: Framing, writable: boolean): Piece[] {
  const most = framing.endsWith('bytes') ? 1 : framing === 'halves' ? Math.max(1, Math.floor(length / 2)) : length;
  const pieces: Piece[] = [];
  for (let at = 0; at < length; at += most) {
    pieces.push({ address: address + at, length: Math.min(most, length - at), writable });
  }
  return pieces;
}

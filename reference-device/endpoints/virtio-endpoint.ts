/** What virtio devices behind the IOMMU have in common: DMA through it, and a memory of what they were given. */
import type { EndpointSetup, SlotName } from '../machine-setup.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';
import type { Trace } from '../trace.ts';
import type { DeviceQueue } from '../transport/device-queue.ts';
import { offeredWord } from '../transport/features.ts';
import type { RegisterPlace } from '../transport/register-file.ts';
import type { VirtioDevice, VirtioTransport } from '../transport/virtio-device.ts';
import type { QueueMemory } from '../virtqueue/queue-memory.ts';
import type { Chain } from '../virtqueue/virtqueue.ts';
import { hasFeature } from '../wire/features.ts';
import { VIRTIO_IOMMU_RESV_MEM_T_MSI } from '../wire/iommu.ts';
import { VIRTQ_DESC_F } from '../wire/virtio.ts';
import { DmaPort, type TranslationService } from './dma-port.ts';
import { DmaQueueMemory } from './dma-queue-memory.ts';
import { ExposedAddresses, type Exposure } from './exposed-addresses.ts';

const QUEUE_SIZE = 64;
const MESSAGE_BYTES = 4;

export interface EndpointParts {
  readonly slot: SlotName;
  readonly endpointId: number;
  readonly setup: EndpointSetup;
  readonly memory: GuestMemory;
  readonly trace: Trace;
  /** Undefined for a function that the topology leaves out. */
  readonly iommu: TranslationService | undefined;
  readonly busMaster: () => boolean;
  /** Where messages of interrupts have to go. */
  readonly doorbell: bigint;
}

/** A device that serves the buffers of its queues one after the other, or keeps them until it has a use for them. */
export abstract class VirtioEndpoint implements VirtioDevice {
  readonly name: SlotName;
  readonly offered: bigint;
  readonly queueMaxSizes: readonly number[] = [QUEUE_SIZE];
  abstract readonly configFields: readonly RegisterPlace[];
  readonly #parts: EndpointParts;
  readonly #exposed = new ExposedAddresses();
  /** What the device has taken from each queue and keeps. */
  readonly #kept = new Map<number, Set<Chain>>();
  #port: DmaPort;
  #accessPlatform = false;
  #transport: VirtioTransport | undefined;

  /** `deviceBits`: numbers of the feature bits that its type has of its own. */
  constructor(parts: EndpointParts, deviceBits: readonly number[]) {
    this.name = parts.slot;
    this.offered = offeredWord(parts.setup.features, deviceBits, false);
    this.#parts = parts;
    this.#port = this.#portFor(true);
  }

  abstract readConfig(offset: number, out: DataView): void;

  /** Does what the buffer asks for. The bytes written into it; undefined if the buffer is kept, for `finish`. */
  protected abstract serve(queue: DeviceQueue, chain: Chain): number | undefined;

  /** With ACCESS_PLATFORM addresses are for the platform to translate, without it they are physical (6.1). */
  #portFor(translated: boolean): DmaPort {
    const { slot, endpointId, memory, trace, iommu, busMaster } = this.#parts;
    return new DmaPort({
      endpoint: slot,
      endpointId,
      memory,
      trace,
      iommu: translated ? iommu : undefined,
      busMaster,
    });
  }

  /** The port by which the harness makes this endpoint access memory: always by way of the IOMMU, if one is there. */
  get port(): DmaPort {
    return this.#portFor(true);
  }

  /** Bytes that the endpoint was given once and has returned. */
  get exposed(): ExposedAddresses {
    return this.#exposed;
  }

  connect(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  writeConfig(): void {}

  queueMemory(accepted: bigint): QueueMemory {
    this.#accessPlatform = hasFeature(accepted, 'VIRTIO_F_ACCESS_PLATFORM');
    this.#port = this.#portFor(this.#accessPlatform);
    return new DmaQueueMemory(this.#port);
  }

  objectsTo(accepted: bigint): string | undefined {
    // reserved-features/device/may-refuse-without-access-platform
    const refuses = this.#parts.setup.insistsOnAccessPlatform && !hasFeature(accepted, 'VIRTIO_F_ACCESS_PLATFORM');
    return refuses ? 'it insists on VIRTIO_F_ACCESS_PLATFORM' : undefined;
  }

  onFeatures(_accepted: bigint): void {}

  onReset(): void {}

  onQueueEnabled(queue: DeviceQueue): void {
    for (const part of queue.parts) this.#expose('ring', part);
  }

  onQueueReset(queue: DeviceQueue): void {
    for (const chain of this.#kept.get(queue.index) ?? []) buffersOf(chain).forEach((buffer) => this.#giveBack(buffer));
    this.#kept.delete(queue.index);
    for (const part of queue.parts) this.#giveBack(part);
  }

  onBuffers(queue: DeviceQueue): void {
    do {
      for (let chain = queue.popAvail(); chain !== undefined; chain = queue.popAvail())
        this.#serveAndReturn(queue, chain);
    } while (queue.enableNotifications() && !queue.budgetExhausted);
    this.#transport?.interruptIfWanted(queue);
  }

  #serveAndReturn(queue: DeviceQueue, chain: Chain): void {
    for (const buffer of buffersOf(chain)) this.#expose('buffer', buffer);
    this.#keptOf(queue.index).add(chain);
    const written = this.serve(queue, chain);
    if (written !== undefined) this.#return(queue, chain, written);
  }

  #keptOf(index: number): Set<Chain> {
    const kept = this.#kept.get(index) ?? new Set();
    this.#kept.set(index, kept);
    return kept;
  }

  #return(queue: DeviceQueue, chain: Chain, written: number): void {
    this.#keptOf(queue.index).delete(chain);
    queue.addUsed(chain, written);
    for (const buffer of buffersOf(chain)) this.#giveBack(buffer);
  }

  /** Puts as much of `data` as it holds into a kept buffer and returns the buffer. The bytes written. */
  protected finish(index: number, chain: Chain, data: Uint8Array): number {
    const queue = this.#transport?.queue(index);
    if (queue === undefined) return 0;
    const written = queue.write(chain, data);
    this.#return(queue, chain, written);
    return written;
  }

  /** Tells the driver of buffers that were finished, if it wants to hear of them. */
  protected interrupt(index: number): void {
    const queue = this.#transport?.queue(index);
    if (queue !== undefined) this.#transport?.interruptIfWanted(queue);
  }

  /** Messages of a device that lets its accesses be translated are translated too. */
  onMessage(address: bigint): void {
    if (this.#parts.iommu === undefined || !this.#accessPlatform) return;
    const isRegion = this.#parts.setup.resvMem.some(
      ({ subtype, start, end }) => subtype === VIRTIO_IOMMU_RESV_MEM_T_MSI && address >= start && address <= end,
    );
    // What a region lets pass is for the interrupt controller to read.
    const reachable = isRegion || this.#port.target(address, MESSAGE_BYTES, 'write') === this.#parts.doorbell;
    this.#parts.trace.add({ kind: 'message', endpoint: this.name, address, reachable });
  }

  #expose(what: 'ring' | 'buffer', exposure: Exposure): void {
    this.#exposed.expose(exposure);
    const { address, length, access } = exposure;
    this.#parts.trace.add({
      kind: 'exposed',
      endpoint: this.name,
      what,
      ...exposure,
      reachable: this.#port.reachable(address, length, access),
      accessPlatform: this.#accessPlatform,
    });
  }

  #giveBack(exposure: Exposure): void {
    this.#exposed.giveBack(exposure);
    this.#parts.trace.add({ kind: 'returned', endpoint: this.name, ...exposure });
  }
}

/** The memory that a chain describes, indirect tables included: their driver takes those back as well. */
function buffersOf(chain: Chain): Exposure[] {
  return chain.descriptors.map(({ addr, len, flags }) => ({
    address: addr,
    length: len,
    access: (flags & (VIRTQ_DESC_F.WRITE | VIRTQ_DESC_F.INDIRECT)) === VIRTQ_DESC_F.WRITE ? 'write' : 'read',
  }));
}

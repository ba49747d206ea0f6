/** What the drivers of virtio endpoints have in common: bringing the device up, and taking it down. */
import { BringUp } from './bring-up.ts';
import { type DmaSpace, type Doorbell, untranslated } from './dma-space.ts';
import type { DriverFaults } from './driver-faults.ts';
import { EndpointQueue, type EndpointQueueParts } from './endpoint-queue.ts';
import { ACCESS_PLATFORM, type Features, RING_RESET } from './features.ts';
import type { DeviceRegisters } from './device-registers.ts';
import type { EndpointPlace } from './endpoint-place.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Platform } from './platform.ts';

interface LiveDevice {
  readonly bringUp: BringUp;
  readonly features: Features;
  readonly queues: EndpointQueue[];
  /** Undefined where interrupts are no messages. */
  readonly doorbell: Doorbell | undefined;
  readonly space: DmaSpace;
}

export abstract class EndpointDriver {
  readonly #place: EndpointPlace;
  readonly #memory: PhysicalMemory;
  readonly #platform: Platform;
  protected readonly faults: DriverFaults;
  #live: LiveDevice | undefined;

  constructor(place: EndpointPlace, memory: PhysicalMemory, platform: Platform, faults: DriverFaults) {
    this.#place = place;
    this.#memory = memory;
    this.#platform = platform;
    this.faults = faults;
  }

  /** Queues that it makes use of, the first ones of the device. */
  protected abstract readonly queueCount: number;

  /** Does a transfer of `length` bytes, and returns them. A sentence if it came to nothing. */
  abstract transfer(length: number): Uint8Array | string;

  /** Leaves the device with work for a transfer of `length` bytes, and does not wait for it. A sentence if that failed. */
  abstract begin(length: number): string | undefined;

  /** The device is live, or its queues are again after they were given another size. */
  protected onLive(): void {}

  protected get name(): string {
    return this.#place.name;
  }

  /** Queue `index`; undefined while the device is down. */
  protected queue(index: number): EndpointQueue | undefined {
    return this.#live?.queues[index];
  }

  /** Why there are no queues. */
  protected get down(): string {
    return `${this.name} has no driver`;
  }

  /** Brings the device up. `space` leads to the addresses that it may be given, if it lets them be translated. */
  start(space: DmaSpace): string | undefined {
    const opened = this.#place.open();
    if (typeof opened === 'string') return opened;
    const { registers, sendMessagesTo } = opened;
    const bringUp = new BringUp(registers, this.#platform, this.faults);
    const features = bringUp.negotiate({ deviceBits: [], role: 'endpoint', refuses: () => undefined });
    if (typeof features === 'string') return `${this.name}: ${features}`;
    const isTranslated = features.has(ACCESS_PLATFORM) || this.faults.has('rng-translated-without-access-platform');
    const own = isTranslated ? space : untranslated;
    const doorbell = sendMessagesTo ? own.doorbell(this.#platform.doorbell()) : undefined;
    if (typeof doorbell === 'string') return bringUp.giveUp(`${this.name}: ${doorbell}`);
    if (doorbell) sendMessagesTo?.(doorbell.address);
    const queues: EndpointQueue[] = [];
    const live = { bringUp, features, queues, doorbell, space: own };
    const problem = this.#setUpQueues(registers, live);
    if (problem !== undefined) {
      const says = bringUp.giveUp(`${this.name}: ${problem}`);
      // What the device has been told of stays mapped until it has been reset.
      const isOver = bringUp.reset() || !this.#place.isPresent();
      if (isOver && !this.faults.has('error-path-keeps-mapping')) unmapAll(live);
      return says;
    }
    this.#place.enableBusMaster();
    bringUp.goLive();
    this.#live = live;
    this.onLive();
    return undefined;
  }

  /** Adds the queues that it sets up to those of `live`. A sentence if one cannot be had. */
  #setUpQueues(registers: DeviceRegisters, { features, queues, space }: LiveDevice): string | undefined {
    const parts: EndpointQueueParts = {
      name: this.name,
      registers,
      features,
      memory: this.#memory,
      platform: this.#platform,
      space,
      faults: this.faults,
    };
    for (let index = 0; index < this.queueCount; index++) {
      const queue = EndpointQueue.setUp(parts, index);
      if (typeof queue === 'string') return queue;
      queues.push(queue);
    }
    return undefined;
  }

  /** Gives every ring at most `size` entries while the device is up. A sentence if that is not possible. */
  resize(size: number): string | undefined {
    const live = this.#live;
    if (!live) return this.down;
    if (!live.features.has(RING_RESET)) return `${this.name} does not let its queues be reset alone`;
    for (const queue of live.queues) {
      const problem = queue.resize(size);
      if (problem !== undefined) return problem;
    }
    this.onLive();
    return undefined;
  }

  /** Takes the device down: first it stops, then its memory is unmapped, unless it `keepsMappings`. */
  stop(keepsMappings = false): void {
    const live = this.#live;
    this.#live = undefined;
    if (!live) return;
    if (this.faults.has('rng-reset-after-unmap')) unmapAll(live);
    for (const queue of live.queues) queue.stop();
    // What has been pulled out has stopped.
    const stopped = this.faults.has('rng-not-reset') || live.bringUp.reset() || !this.#place.isPresent();
    this.#place.disableBusMaster();
    if (!stopped) {
      this.#platform.log(`${this.name} does not reset: its memory is lost`);
      return;
    }
    if (!keepsMappings && !this.faults.has('rng-reset-after-unmap')) unmapAll(live);
  }
}

function unmapAll({ queues, doorbell, space }: LiveDevice): void {
  if (doorbell?.mapping) space.unmap(doorbell.mapping.address, doorbell.mapping.length);
  for (const queue of queues) queue.dispose();
}

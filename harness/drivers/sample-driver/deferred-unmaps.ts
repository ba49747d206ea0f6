/** UNMAPs that a lazy driver has answered for, and has yet to send. */
import type { DriverFaults } from './driver-faults.ts';
import type { IommuDevice } from './iommu-device.ts';
import type { Request } from './request-bytes.ts';

/** Without a word, on purpose, and for good. */
const LAZY = ['unmap-lazily', 'unmaps-lazily', 'lazy-unmaps-dropped'] as const;
/** So many are collected at most. */
const BATCH = 4;

export class DeferredUnmaps {
  readonly #device: IommuDevice;
  readonly #faults: DriverFaults;
  #requests: Request[] = [];

  constructor(device: IommuDevice, faults: DriverFaults) {
    this.#device = device;
    this.#faults = faults;
  }

  /** Whether the request waits from now on; else it has to be sent. */
  take(request: Request): boolean {
    if (!LAZY.some((name) => this.#faults.has(name))) return false;
    this.#requests.push(request);
    if (this.#requests.length >= BATCH) this.flush();
    return true;
  }

  /** Sends what waits. */
  flush(): void {
    const collected = this.#requests;
    this.forget();
    if (collected.length > 0 && !this.#faults.has('lazy-unmaps-dropped')) this.#device.requests?.sendAll(collected);
  }

  /** The device knows nothing any more that could be unmapped. */
  forget(): void {
    this.#requests = [];
  }
}

/** Guest memory that knows how far it has been touched, so that clearing it costs what was used and not what there is. */
import { GuestMemory, type MemoryRegion } from '../../../reference-device/memory/guest-memory.ts';

export class TouchedMemory extends GuestMemory {
  /** Bytes from the start of each region within which all accesses lay. */
  readonly #reach = new Map<MemoryRegion, number>();

  override find(address: bigint, length: number): MemoryRegion | undefined {
    const region = super.find(address, length);
    if (region) {
      const until = Number(address - region.start) + length;
      if (until > (this.#reach.get(region) ?? 0)) this.#reach.set(region, until);
    }
    return region;
  }

  /** Zeroes whatever may have been written. */
  clear(): void {
    for (const [region, until] of this.#reach) region.bytes.fill(0, 0, until);
    this.#reach.clear();
  }
}

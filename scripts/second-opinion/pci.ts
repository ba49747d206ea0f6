/** What firmware and bus code do for a PCI function: addresses for its BARs, and a walk over its capabilities. */
import type { Bus } from './bus.ts';

const COMMAND = 0x04;
const MEMORY_SPACE_AND_BUS_MASTER = 0x0006;
const BAR0 = 0x10;
const BAR_COUNT = 6;
const BAR_IS_IO = 0x1;
const BAR_IS_64_BIT = 0x4;
const CAPABILITIES_POINTER = 0x34;
const VENDOR_SPECIFIC = 0x09;
/** More capabilities than fit into 192 bytes would be a loop. */
const CAPABILITIES_MAX = 48;

/** Where BARs go: above RAM, below the addresses that chipsets keep for themselves. */
const WINDOW_START = 0xe000_0000;

/** Hands out addresses for BARs, each aligned to its size. */
export class BarSpace {
  #next = WINDOW_START;

  take(size: number): number {
    const address = Math.ceil(this.#next / size) * size;
    this.#next = address + size;
    return address;
  }
}

/** Gives every memory BAR of the function an address and lets it decode and master the bus; the addresses by BAR. */
export async function placeBars(bus: Bus, bdf: number, space: BarSpace): Promise<ReadonlyMap<number, bigint>> {
  const addresses = new Map<number, bigint>();
  for (let bar = 0; bar < BAR_COUNT; bar++) {
    const register = BAR0 + 4 * bar;
    const kind = await bus.readConfig(bdf, register, 4);
    await bus.writeConfig(bdf, register, 4, 0xffff_ffff);
    const sized = (await bus.readConfig(bdf, register, 4)) & 0xffff_fff0;
    if (sized === 0 || (kind & BAR_IS_IO) !== 0) continue;
    const address = space.take(-sized >>> 0);
    await bus.writeConfig(bdf, register, 4, address);
    addresses.set(bar, BigInt(address));
    if ((kind & BAR_IS_64_BIT) === 0) continue;
    bar++;
    await bus.writeConfig(bdf, BAR0 + 4 * bar, 4, 0);
  }
  await bus.writeConfig(bdf, COMMAND, 2, MEMORY_SPACE_AND_BUS_MASTER);
  return addresses;
}

/** A virtio structure's place, as its capability tells it (4.1.4). */
export interface StructurePlace {
  readonly address: bigint;
  readonly length: number;
  /** The word behind the common part: the notification multiplier, where the type has one. */
  readonly extra: number;
}

/** The virtio structures by cfg_type; of two with the same type the first counts. */
export async function virtioStructures(
  bus: Bus,
  bdf: number,
  bars: ReadonlyMap<number, bigint>,
): Promise<ReadonlyMap<number, StructurePlace>> {
  const places = new Map<number, StructurePlace>();
  let at = await bus.readConfig(bdf, CAPABILITIES_POINTER, 1);
  for (let count = 0; at !== 0 && count < CAPABILITIES_MAX; count++) {
    const base = bars.get(await bus.readConfig(bdf, at + 4, 1));
    const type = await bus.readConfig(bdf, at + 3, 1);
    if ((await bus.readConfig(bdf, at, 1)) === VENDOR_SPECIFIC && base !== undefined && !places.has(type)) {
      places.set(type, {
        address: base + BigInt(await bus.readConfig(bdf, at + 8, 4)),
        length: await bus.readConfig(bdf, at + 12, 4),
        extra: await bus.readConfig(bdf, at + 16, 4),
      });
    }
    at = await bus.readConfig(bdf, at + 1, 1);
  }
  return places;
}

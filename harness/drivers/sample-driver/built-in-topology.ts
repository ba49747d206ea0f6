/**
 * EXPERIMENTAL: what an IOMMU says of its own endpoints, as proposed in November 2019 and never merged. The platform has no
 * description then, so that IOMMUs are looked for on the bus.
 */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import { PciDevice } from './pci.ts';
import type { Platform } from './platform.ts';
import { type Described, type IommuPlace, isIommu, type Topology } from './topology.ts';
import { windowWith } from './window-id.ts';

/** VIRTIO_IOMMU_F_TOPOLOGY, by its number. */
export const BUILT_IN_TOPOLOGY = 6;

const VIRTIO_VENDOR = 0x1af4;
const IOMMU_DEVICE = 0x1057;

const TOPO_OFFSET = 36;
const TYPE_PCI_RANGE = 0;
const TYPE_ENDPOINT = 1;
/** A list of more structures goes round in circles, or is not worth following. */
const MOST_STRUCTURES = 256;

interface Range {
  readonly first: number;
  readonly last: number;
  readonly id: number;
}

/** What one IOMMU says. */
export interface SelfDescription {
  readonly ranges: readonly Range[];
  /** IDs by the addresses of windows. */
  readonly windows: ReadonlyMap<number, number>;
}

/** Follows the list in the configuration; structures of unknown type are passed over. */
export function readSelfDescription(registers: DeviceRegisters, faults: DriverFaults): SelfDescription {
  const ranges: Range[] = [];
  const windows = new Map<number, number>();
  let at = registers.readDevice(TOPO_OFFSET, 2);
  for (let count = 0; at !== 0 && count < MOST_STRUCTURES; count++) {
    const type = registers.readDevice(at, 2);
    const id = registers.readDevice(at + 4, 4);
    if (type === TYPE_PCI_RANGE && registers.readDevice(at + 8, 2) === 0) {
      const [first, last] = [registers.readDevice(at + 10, 2), registers.readDevice(at + 12, 2)];
      ranges.push({ first, last, id: faults.has('built-in-range-offset-ignored') ? first : id });
    }
    if (type === TYPE_ENDPOINT) {
      const address = registers.readDevice(at + 8, 4) + registers.readDevice(at + 12, 4) * 2 ** 32;
      windows.set(address, id);
    }
    at = faults.has('built-in-first-structure-only') ? 0 : registers.readDevice(at + 2, 2);
  }
  return { ranges, windows };
}

/** A topology that is complete only when every IOMMU has been brought up. */
export class SelfDescribedTopology implements Topology {
  readonly iommus: readonly IommuPlace[];
  readonly #faults: DriverFaults;
  readonly #descriptions = new Map<IommuPlace, SelfDescription>();

  constructor({ functions }: Platform, faults: DriverFaults) {
    this.#faults = faults;
    this.iommus = functions
      .filter((candidate) => {
        const [vendor, device] = new PciDevice(candidate, faults).vendorAndDevice();
        return vendor === VIRTIO_VENDOR && device === IOMMU_DEVICE;
      })
      .map(({ address }) => ({ bdf: address }));
  }

  /** Takes note of what the IOMMU at `place` says, if it says anything. */
  learn(place: IommuPlace, description: SelfDescription | undefined): void {
    if (description) this.#descriptions.set(place, description);
  }

  functionAt(bdf: number): Described | undefined {
    if (isIommu(this, bdf)) return undefined;
    for (const [iommu, { ranges }] of this.#descriptions) {
      const range = ranges.find(({ first, last }) => bdf >= first && bdf <= last);
      if (range) return { iommu, id: range.id + (bdf - range.first) };
    }
    return undefined;
  }

  windowAt(address: number): Described | undefined {
    for (const [iommu, { windows }] of this.#descriptions) {
      const id = windows.get(address);
      if (id !== undefined) return windowWith({ iommu, id }, address, this.#faults);
    }
    return undefined;
  }
}

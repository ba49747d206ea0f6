/** Which endpoints cannot be kept apart: those on a conventional PCI bus see each other's DMA (5.13.6.3). */
import type { Domain } from './domains.ts';
import type { DriverFaults } from './driver-faults.ts';
import { PciDevice } from './pci.ts';
import type { Platform } from './platform.ts';

/** Endpoints that have to share their domain. */
export interface IsolationGroup {
  /** The domain for their own drivers. */
  own: Domain | undefined;
}

const HEADER_TYPE = 0x0e;
const HEADER_TYPE_MASK = 0x7f;
const HEADER_BRIDGE = 1;
const SECONDARY_BUS = 0x19;
const PCI_EXPRESS = 0x10;
const PORT_TO_CONVENTIONAL = 7;

export const isBridge = (pci: PciDevice): boolean =>
  (pci.readConfig(HEADER_TYPE, 1) & HEADER_TYPE_MASK) === HEADER_BRIDGE;

/** A bridge that is no PCI Express port, or is one to conventional PCI. */
function leadsToConventionalBus(pci: PciDevice): boolean {
  const express = pci.capabilities().find(({ id }) => id === PCI_EXPRESS);
  return !express || ((pci.readConfig(express.offset + 2, 2) >> 4) & 0xf) === PORT_TO_CONVENTIONAL;
}

/** The buses of a platform on which functions cannot be kept apart, with the group of each. */
export function conventionalBuses({ functions }: Platform, faults: DriverFaults): ReadonlyMap<number, IsolationGroup> {
  const groups = new Map<number, IsolationGroup>();
  if (faults.has('conventional-bus-split')) return groups;
  for (const platformFunction of functions) {
    const pci = new PciDevice(platformFunction, faults);
    if (pci.isPresent() && isBridge(pci) && leadsToConventionalBus(pci)) {
      groups.set(pci.readConfig(SECONDARY_BUS, 1), { own: undefined });
    }
  }
  return groups;
}

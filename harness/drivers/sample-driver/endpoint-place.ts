/** How the driver of a virtio endpoint gets at its device: a PCI function, or a window of registers. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import { deviceInWindow, MmioRegisters } from './mmio-registers.ts';
import type { PciDevice } from './pci.ts';
import type { PlatformWindow } from './platform.ts';
import { enableMsix, virtioLayout } from './virtio-layout.ts';
import { VirtioRegisters } from './virtio-registers.ts';

const VIRTIO_VENDOR = 0x1af4;
/** PCI device IDs are so much above device types. */
const PCI_DEVICE_BASE = 0x1040;

interface Opened {
  readonly registers: DeviceRegisters;
  /** Has interrupts sent to an address; undefined where a wire carries them. */
  readonly sendMessagesTo: ((address: bigint) => void) | undefined;
}

export interface EndpointPlace {
  readonly name: string;
  /** Of virtio devices; undefined for another device. */
  readonly deviceType: number | undefined;
  isPresent(): boolean;
  /** Makes the registers ready for use, or says in a sentence why they cannot be used. */
  open(): Opened | string;
  enableBusMaster(): void;
  disableBusMaster(): void;
}

export function functionPlace(pci: PciDevice, faults: DriverFaults): EndpointPlace {
  const [vendor, device] = pci.vendorAndDevice();
  return {
    name: pci.name,
    deviceType: vendor === VIRTIO_VENDOR ? device - PCI_DEVICE_BASE : undefined,
    isPresent: () => pci.isPresent(),
    open() {
      pci.explore();
      pci.enableMemory('endpoint');
      const layout = virtioLayout(pci, faults);
      if (!layout) return `${pci.name} has no modern virtio registers`;
      const registers = new VirtioRegisters(pci, layout, faults);
      return { registers, sendMessagesTo: (address) => enableMsix(pci, layout, address) };
    },
    enableBusMaster: () => pci.enableBusMaster('endpoint'),
    disableBusMaster: () => pci.disableBusMaster(),
  };
}

/** Nobody has to allow a device in a window to access memory. */
export function windowPlace(window: PlatformWindow, faults: DriverFaults): EndpointPlace {
  const deviceType = deviceInWindow(window);
  return {
    name: window.name,
    deviceType,
    isPresent: () => deviceInWindow(window) === deviceType,
    open: () => ({ registers: new MmioRegisters(window, faults), sendMessagesTo: undefined }),
    enableBusMaster() {},
    disableBusMaster() {},
  };
}

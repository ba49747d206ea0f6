/** Makes a virtio device on PCI ready for use, up to its registers. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { PciDevice } from './pci.ts';
import { enableMsix, type VirtioLayout, virtioLayout } from './virtio-layout.ts';
import { VirtioRegisters } from './virtio-registers.ts';

const REVISION = 0x08;

const VIRTIO_VENDOR = 0x1af4;
/** 0x1040 + the device type of an IOMMU. */
const IOMMU_DEVICE = 0x1057;
/** Where the device ID would be if an IOMMU could be transitional. */
const TRANSITIONAL_DEVICE = 0x1017;

/** device_status of the legacy interface, in BAR 0. */
const LEGACY_STATUS = 18;
const ACKNOWLEDGE = 1;
/** In the common configuration. */
const DEVICE_STATUS = 20;
/** What no device has in device_status, and every read gives that reaches nothing. */
const NOTHING_THERE = 0xff;

/** BARs without addresses are reached through PCI_CFG; the MSI-X table cannot be, since no virtio structure has it. */
function reachable(pci: PciDevice, layout: VirtioLayout, faults: DriverFaults): VirtioLayout {
  const { common, window } = layout;
  const hasBars = pci.readBar(common.bar, common.offset + DEVICE_STATUS, 1) !== NOTHING_THERE;
  if (hasBars || window === undefined) return layout;
  pci.useWindow(window);
  const { bar, offset, length } = layout.notify;
  if (faults.has('window-past-structures')) pci.readBar(bar, offset + length, 4);
  return faults.has('window-into-msix-table') ? layout : { ...layout, msix: undefined };
}

/** Whether the function is an IOMMU by its IDs (4.1.2). */
function isIommu(pci: PciDevice, faults: DriverFaults): boolean {
  const [vendor, device] = pci.vendorAndDevice();
  const wanted = faults.has('wants-transitional-device-id') ? TRANSITIONAL_DEVICE : IOMMU_DEVICE;
  return (
    (vendor === VIRTIO_VENDOR || faults.has('any-vendor-id')) && (device === wanted || faults.has('any-device-id'))
  );
}

function fewestVectors(faults: DriverFaults): number {
  if (faults.has('wants-three-vectors')) return 3;
  return faults.has('wants-two-vectors') ? 2 : 0;
}

/** The IOMMU's registers; a sentence if it is not there or not modern. Its own interrupts go to `doorbell` as it is. */
export function openPciIommu(pci: PciDevice, doorbell: bigint, faults: DriverFaults): DeviceRegisters | string {
  if (!pci.isPresent()) return 'the IOMMU is not there';
  if (!isIommu(pci, faults)) return 'where the IOMMU should be there is another device';
  if (faults.has('wants-revision-1') && pci.readConfig(REVISION, 1) !== 1) return 'the IOMMU is not there';
  if (faults.has('revision-0-taken-for-legacy') && pci.readConfig(REVISION, 1) === 0)
    return 'the IOMMU is a legacy device';
  pci.explore();
  pci.enableMemory('iommu');
  const found = virtioLayout(pci, faults);
  const layout = found && reachable(pci, found, faults);
  if (!layout) {
    if (faults.has('legacy-registers-tried')) pci.writeBar(0, LEGACY_STATUS, 1, ACKNOWLEDGE);
    return 'the IOMMU has no modern virtio registers';
  }
  if ((layout.msix?.vectorCount ?? 0) < fewestVectors(faults)) return 'the IOMMU has too few vectors';
  pci.enableBusMaster('iommu');
  if (!faults.has('polls-only')) enableMsix(pci, layout, doorbell);
  if (faults.has('registers-by-pci-cfg') && layout.window !== undefined) pci.useWindow(layout.window);
  return new VirtioRegisters(pci, layout, faults);
}

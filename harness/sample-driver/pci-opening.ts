/** Makes a virtio device on PCI ready for use, up to its registers. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { PciDevice } from './pci.ts';
import { enableMsix, virtioLayout } from './virtio-layout.ts';
import { VirtioRegisters } from './virtio-registers.ts';

const REVISION = 0x08;

const VIRTIO_VENDOR = 0x1af4;
/** 0x1040 + the device type of an IOMMU. */
const IOMMU_DEVICE = 0x1057;
/** Where the device ID would be if an IOMMU could be transitional. */
const TRANSITIONAL_DEVICE = 0x1017;

/** Whether the function is an IOMMU by its IDs (4.1.2). */
function isIommu(pci: PciDevice, faults: DriverFaults): boolean {
  const [vendor, device] = pci.vendorAndDevice();
  const wanted = faults.has('wants-transitional-device-id') ? TRANSITIONAL_DEVICE : IOMMU_DEVICE;
  return (
    (vendor === VIRTIO_VENDOR || faults.has('any-vendor-id')) && (device === wanted || faults.has('any-device-id'))
  );
}

/** The IOMMU's registers; a sentence if it is not there or not modern. */
export function openPciIommu(pci: PciDevice, faults: DriverFaults): DeviceRegisters | string {
  if (!pci.isPresent()) return 'the IOMMU is not there';
  if (!isIommu(pci, faults)) return 'where the IOMMU should be there is another device';
  if (faults.has('wants-revision-1') && pci.readConfig(REVISION, 1) !== 1) return 'the IOMMU is not there';
  if (!faults.has('bar-memory-off')) pci.enableMemory();
  const layout = virtioLayout(pci, faults);
  if (!layout) return 'the IOMMU has no modern virtio registers';
  if (faults.has('wants-three-vectors') && (layout.msix?.vectorCount ?? 0) < 3) return 'the IOMMU has too few vectors';
  if (!faults.has('bus-master-off')) pci.enableBusMaster();
  if (!faults.has('msix-left-off')) enableMsix(pci, layout);
  return new VirtioRegisters(pci, layout, faults);
}

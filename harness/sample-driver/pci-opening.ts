/** Makes a virtio device on PCI ready for use, up to its registers. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { PciDevice } from './pci.ts';
import { enableMsix, virtioLayout } from './virtio-layout.ts';
import { VirtioRegisters } from './virtio-registers.ts';

const REVISION = 0x08;

/** The IOMMU's registers; a sentence if it is not there or not modern. */
export function openPciIommu(pci: PciDevice, faults: DriverFaults): DeviceRegisters | string {
  if (!pci.isPresent()) return 'the IOMMU is not there';
  if (faults.has('wants-revision-1') && pci.readConfig(REVISION, 1) !== 1) return 'the IOMMU is not there';
  if (!faults.has('bar-memory-off')) pci.enableMemory();
  const layout = virtioLayout(pci, faults);
  if (!layout) return 'the IOMMU has no modern virtio registers';
  if (faults.has('wants-three-vectors') && (layout.msix?.vectorCount ?? 0) < 3) return 'the IOMMU has too few vectors';
  if (!faults.has('bus-master-off')) pci.enableBusMaster();
  if (!faults.has('msix-left-off')) enableMsix(pci, layout);
  return new VirtioRegisters(pci, layout, faults);
}

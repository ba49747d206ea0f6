import { type CapabilityKind, defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

const REQUIREMENTS = [
  'pci/legacy/detection/non-transitional-scan-caps',
  'pci/driver/caps/ignore-reserved-cfg-type',
] as const;

export default defineCase({
  id: 'transport-pci/capability-order',
  title: 'Capabilities are found in any order, with others in between',
  demands:
    'A PCI capability is known by its ID, and a virtio one by its cfg_type; where in the list it stands says nothing. What the driver ' +
    'does not know it steps over, and goes on to the end of the list.',
  ...comesUpWith('The capabilities are listed in an unusual order', REQUIREMENTS),

  vary: {
    reversed: ['PCI_CFG', 'NOTIFY_CFG', 'DEVICE_CFG', 'ISR_CFG', 'COMMON_CFG', 'MSIX'],
    'msix-between': ['NOTIFY_CFG', 'COMMON_CFG', 'MSIX', 'DEVICE_CFG', 'ISR_CFG', 'PCI_CFG'],
    'reserved-first': ['reserved-0x11', 'reserved-0x12', 'reserved-0x14', 'COMMON_CFG', 'MSIX'],
    'reserved-between': ['NOTIFY_CFG', 'reserved-0x12', 'COMMON_CFG', 'reserved-0x11', 'MSIX', 'reserved-0x14'],
    'reserved-last': ['MSIX', 'COMMON_CFG', 'ISR_CFG', 'DEVICE_CFG', 'NOTIFY_CFG', 'PCI_CFG', 'reserved-0x11'],
    'others-among-them': ['vendor-data', 'DEVICE_CFG', 'power-management', 'NOTIFY_CFG', 'power-management', 'MSIX'],
  } satisfies Readonly<Record<string, readonly CapabilityKind[]>>,

  given: (capabilities) => ({ capabilities, endpoints: { dma: {} } }),

  mustCatch: {
    'cfg-type-unread': 'pci/legacy/detection/non-transitional-scan-caps',
    'cfg-type-low-bits': 'pci/driver/caps/ignore-reserved-cfg-type',
    'unknown-cfg-type-gives-up': 'pci/driver/caps/ignore-reserved-cfg-type',
  },
});

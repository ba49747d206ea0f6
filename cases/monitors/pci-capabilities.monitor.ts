import { defineMonitor } from '../api/index.ts';
import { isIommu } from './sessions.ts';

/** The capabilities that a driver only reads. Vendor data follows its vendor's rules, PCI_CFG is made to be written. */
const READ_ONLY = new Set(['COMMON_CFG', 'NOTIFY_CFG', 'ISR_CFG', 'DEVICE_CFG']);

export default defineMonitor({
  id: 'pci-capabilities',
  title: 'No virtio capability is written but PCI_CFG',
  requirements: ['pci/driver/caps/no-capability-writes'],
  anyDevice: true,
  judge(seen) {
    for (const write of seen.of('register-write')) {
      if (!isIommu(write.device) || write.structure !== 'pci-config') continue;
      seen.check(
        'pci/driver/caps/no-capability-writes',
        !READ_ONLY.has(write.field),
        write,
        `0x${write.value.toString(16)} is written into the capability ${write.field}, which is read-only.`,
      );
    }
  },
  mustCatch: {
    'writes-capability': 'pci/driver/caps/no-capability-writes',
    'writes-notify-capability': 'pci/driver/caps/no-capability-writes',
  },
});

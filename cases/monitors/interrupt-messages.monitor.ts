import { defineMonitor, hex } from '../api/index.ts';

export default defineMonitor({
  id: 'interrupt-messages',
  title: 'The messages by which an endpoint interrupts get to the interrupt controller',
  requirements: ['iommu/prose/msi-doorbell-mapping'],
  judge(seen) {
    for (const message of seen.of('message')) {
      seen.check(
        'iommu/prose/msi-doorbell-mapping',
        seen.world.reachable(message),
        message,
        `${message.endpoint} interrupts by a write to ${hex(message.address)}, which neither a region nor a mapping leads to the doorbell.`,
      );
    }
  },
  mustCatch: {
    'doorbell-no-offset': 'iommu/prose/msi-doorbell-mapping',
    'doorbell-not-mapped': 'iommu/prose/msi-doorbell-mapping',
  },
});

import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'transport-pci/no-virtio-capabilities',
  title: 'A device without virtio capabilities is given up without touching it',
  demands:
    'A modern driver that finds no virtio capability has a legacy device before it. It has to say so, and must not reach for ' +
    'registers of which nobody told it where they are.',
  requirements: ['pci/legacy/detection/non-transitional-fail-gracefully'],
  needs: { verbs: ['start'] },

  vary: { '': ['pci-no-virtio-capabilities'], 'with-capabilities': [] } as const,
  control: 'with-capabilities',

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen, faults) {
    const [start] = seen.calls('start');
    if (!start) return;
    if (faults.length === 0) {
      seen.check('pci/legacy/detection/non-transitional-fail-gracefully', start.ok || undefined, start.answer, '');
      return;
    }
    seen.check(
      'pci/legacy/detection/non-transitional-fail-gracefully',
      !start.ok,
      start.answer,
      'The IOMMU has no virtio capabilities, and the driver says that it is in use.',
    );
    const touched = seen.events.find(
      (event) =>
        (event.kind === 'register-read' || event.kind === 'register-write') &&
        event.device === 'iommu' &&
        event.structure !== 'pci-config',
    );
    seen.check(
      'pci/legacy/detection/non-transitional-fail-gracefully',
      touched === undefined,
      touched,
      'The IOMMU has no virtio capabilities, and the driver accesses its BAR 0.',
    );
  },

  mustCatch: {
    'structures-at-fixed-places': 'pci/legacy/detection/non-transitional-fail-gracefully',
    'legacy-registers-tried': 'pci/legacy/detection/non-transitional-fail-gracefully',
  },
});

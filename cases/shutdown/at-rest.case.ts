import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'shutdown/at-rest',
  title: 'When the system goes down, its devices come to rest, the IOMMU last',
  demands:
    'After a reboot by kexec all memory belongs to the next kernel. A device that was not stopped goes on writing into it, and an IOMMU ' +
    'that is reset before its endpoints leaves them without translation, or without a way out of the transfer at hand.',
  requirements: ['platform/shutdown/devices-at-rest', 'platform/shutdown/iommu-last'],
  needs: { verbs: ['start', 'stop', 'io'], optionalVerbs: ['shutdown'] },

  vary: { idle: 'idle', 'at-work': 'at-work', 'begun-again': 'begun-again' } as const,

  given: () => ({ endpoints: { rng: {}, rng2: {}, dma: {} } }),

  async when({ driver, machine }, how) {
    await driver.start();
    for (const endpoint of ['rng', 'rng2'] as const) {
      await driver.io({ endpoint, ...(how === 'at-work' && { background: true }) });
    }
    await driver.shutdown();
    await machine.retryAddresses({ endpoint: 'rng', label: 'after' });
    if (how !== 'begun-again') return;
    await driver.stop();
    await driver.start();
    await driver.io({ endpoint: 'rng' });
  },

  mustCatch: {
    'shutdown-does-nothing': 'platform/shutdown/devices-at-rest',
    'shutdown-leaves-endpoints': 'platform/shutdown/iommu-last',
    'shutdown-iommu-first': 'platform/shutdown/iommu-last',
    'shutdown-leaves-iommu': 'platform/shutdown/devices-at-rest',
  },
  shippedIn: [
    'Linux left virtio devices running over a kexec until 8bd2fa086a04 (2025), and reset a virtio-gpu that was still in use with it.',
  ],
});

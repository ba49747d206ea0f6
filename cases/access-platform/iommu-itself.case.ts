import { defineCase } from '../api/index.ts';

export default defineCase({
  id: 'access-platform/iommu-itself',
  title: "The IOMMU's own rings are given by guest-physical addresses, whatever the topology says",
  demands:
    'The virtio-iommu of this machine does not offer ACCESS_PLATFORM: its rings and requests are read from guest-physical ' +
    'memory. That holds as well when the topology lists the IOMMU among the functions that it translates.',
  requirements: ['reserved-features/driver/physical-addresses-otherwise'],
  needs: { verbs: ['start'] },

  vary: { 'not-described': 'plain', 'behind-itself': 'iommu-behind-itself' } as const,

  given: (topology) => ({ topology }),

  async when({ driver }) {
    await driver.start();
  },

  mustCatch: { 'descriptor-to-nowhere': 'reserved-features/driver/physical-addresses-otherwise' },
});

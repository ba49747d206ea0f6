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
    await driver.try.start();
  },

  then(seen) {
    const lost = seen
      .of('ring-break')
      .find(
        ({ device, reason }) =>
          device === 'iommu' && (reason === 'ring-not-in-memory' || reason === 'address-not-in-memory'),
      );
    if (!lost && seen.of('chain').every(({ device }) => device !== 'iommu')) return;
    seen.check(
      'reserved-features/driver/physical-addresses-otherwise',
      lost === undefined,
      lost,
      `The IOMMU found no memory behind an address it was given: ${lost?.says ?? ''}`,
    );
  },

  mustCatch: { 'descriptor-to-nowhere': 'reserved-features/driver/physical-addresses-otherwise' },
});

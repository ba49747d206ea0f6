import { defineCase, hex } from '../api/index.ts';

export default defineCase({
  id: 'bypass/endpoint-confined',
  title:
    'Once the driver is up, an endpoint reaches nothing that was not mapped for it, however bypass was set at boot',
  demands:
    'A machine may boot with the global bypass on, so that firmware can use its devices, or off. Either way an endpoint that ' +
    'the driver has attached to a domain is confined to it: an access to memory that was not mapped for it faults.',
  requirements: ['platform/isolation/endpoint-confined'],
  needs: { verbs: ['start', 'attach'] },

  vary: { 'bypass-on-at-boot': 1, 'bypass-off-at-boot': 0 } as const,

  given: (bypass) => ({ config: { bypass } }),

  async when({ driver, machine }) {
    await machine.dma({ endpoint: 'dma', address: 0x10_0000n, access: 'read', label: 'before start' });
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await machine.dma({ endpoint: 'dma', address: 0x10_0000n, access: 'read', label: 'attached' });
    await machine.dma({ endpoint: 'dma', address: 0x20_0000n, access: 'read', label: 'attached' });
  },

  then(seen) {
    for (const access of seen.dma('attached')) {
      seen.check(
        'platform/isolation/endpoint-confined',
        seen.world.blocked(access),
        access,
        `DMA to ${hex(access.address)}, which was not mapped for the endpoint, goes through${access.bypassed ? ' by a bypass domain' : ''}; a fault was expected.`,
      );
    }
  },

  mustCatch: {
    'bypass-flag-always': 'platform/isolation/endpoint-confined',
    'maps-all-memory': 'platform/isolation/endpoint-confined',
  },
});

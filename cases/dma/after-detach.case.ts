import { accessText, defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'dma/after-detach',
  title: 'After DETACH an endpoint has no access through its old domain',
  demands:
    'A detached endpoint goes to another domain or to none. Whatever was mapped in the old domain must fault for it, even ' +
    'while another endpoint keeps that domain alive.',
  requirements: ['platform/detach/no-access-left'],
  needs: { verbs: ['start', 'attach', 'map', 'detach'] },

  vary: { alone: false, 'domain-lives-on': true },

  given: () => ({ endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }, shared) {
    await driver.start();
    await driver.attach({ endpoint: 'dma', domain: 'd1' });
    if (shared) await driver.attach({ endpoint: 'dma2', domain: 'd1' });
    await driver.map({ domain: 'd1', iova: IOVA, length: 0x1000, access: 'read-write' });
    await driver.detach({ endpoint: 'dma', domain: 'd1' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'left' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'write', label: 'left' });
  },

  then(seen) {
    for (const access of seen.dma('left')) {
      seen.check(
        'platform/detach/no-access-left',
        seen.world.withdrawn(access),
        access,
        `A DMA ${accessText(access)} still succeeds after the endpoint left the domain; a fault was expected.`,
      );
    }
  },

  mustCatch: {
    'detach-forgotten-on-leave': 'platform/detach/no-access-left',
    'detach-wrong-domain': 'platform/detach/no-access-left',
  },
});

import { accessText, defineCase, judgeStale } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'dma/after-detach',
  title: 'An endpoint that has left a domain reaches nothing through it',
  demands:
    'A detached endpoint goes to another domain or to none. Whatever was mapped in the old domain must fault for it, even ' +
    'while another endpoint keeps that domain alive.',
  requirements: ['platform/detach/no-access-left'],
  needs: { verbs: ['start', 'attach', 'map', 'detach'] },

  vary: { alone: false, 'domain-lives-on': true },

  given: () => ({ endpoints: { dma: {}, dma2: {} }, config: { bypass: 0 } }),

  async when({ driver, machine }, shared) {
    await driver.try.start();
    await driver.try.attach({ endpoint: 'dma', domain: 'd1' });
    if (shared) await driver.try.attach({ endpoint: 'dma2', domain: 'd1' });
    await driver.try.map({ domain: 'd1', iova: IOVA, length: 0x1000, access: 'read-write' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'control' });
    const { ok } = await driver.try.detach({ endpoint: 'dma', domain: 'd1' });
    if (!ok) return;
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'left' });
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'write', label: 'left' });
  },

  then(seen) {
    if (seen.dma('control')[0]?.outcome !== 'ok') {
      seen.untested('The mapping could not be reached before the endpoint left the domain.');
      return;
    }
    if (seen.driver.passthrough) {
      seen.notApplicable('An endpoint that is in no domain passes the IOMMU by, as the driver was asked to.');
      return;
    }
    judgeStale(
      seen,
      'platform/detach/no-access-left',
      seen.dma('left'),
      (access) => `A ${accessText(access)} went through after the endpoint had left the domain; it must fault.`,
    );
  },

  mustCatch: {
    'detach-forgotten-on-leave': 'platform/detach/no-access-left',
    'detach-wrong-domain': 'platform/detach/no-access-left',
  },
});

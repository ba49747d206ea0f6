import { defineCase, type SlotName } from '../api/index.ts';

const IOVA = 0x10_0000n;
const LENGTH = 0x1000;
/** More than the device has domains. */
const ROUNDS = 8;
const ENDPOINT: SlotName = 'dma';

export default defineCase({
  id: 'attach/domains-in-turn',
  title: 'Domains are made and ended more often than the device has numbers for them',
  demands:
    'A domain that was ended has given its number back, and its mappings are gone: neither does a later one of the same name have ' +
    'them, nor do the numbers run out.',
  requirements: ['iommu/driver/ops/respect-domain-range', 'platform/free/unmapped-when-freed'],
  needs: { verbs: ['start', 'attach', 'detach', 'map'], optionalVerbs: ['end-domain'] },

  vary: { 'a-name-each': 'own', 'one-name': 'same' } as const,

  given: () => ({ config: { domain_range: { start: 1, end: 4 } }, endpoints: { [ENDPOINT]: {} } }),

  async when({ driver, machine }, names) {
    await driver.start();
    for (let round = 0; round < ROUNDS; round++) {
      const domain = names === 'same' ? 'd' : `d${round}`;
      const iova = IOVA + BigInt(round * LENGTH);
      await driver.attach({ endpoint: ENDPOINT, domain });
      if (round > 0) {
        const address = iova - BigInt(LENGTH);
        await machine.dma({ endpoint: ENDPOINT, address, access: 'read', label: 'of the last domain' });
      }
      await driver.map({ domain, iova, length: LENGTH, access: 'read-write', buffer: 'b' });
      await machine.dma({ endpoint: ENDPOINT, address: iova, access: 'read', label: 'mapped' });
      await driver.detach({ endpoint: ENDPOINT, domain });
      await driver['end-domain']({ domain });
    }
  },

  mustCatch: {
    'domain-leak': 'iommu/driver/ops/respect-domain-range',
    'ended-domain-kept': 'platform/free/unmapped-when-freed',
  },
});

import { defineCase } from '../api/index.ts';

/** More than the device has domains. */
const ROUNDS = 8;

export default defineCase({
  id: 'hot-plug/many-lifetimes',
  title: 'Endpoints come and go more often than there are domains',
  demands:
    'What an endpoint was given when it came is given back when it goes: its domain number, its addresses, its memory. A driver that ' +
    'counts on numbers its domains beyond domain_range some day, or finds none for an endpoint that is there.',
  requirements: [
    'iommu/driver/ops/respect-domain-range',
    'platform/hot-plug/gone-endpoint-detached',
    'platform/free/unmapped-on-release',
  ],
  needs: { verbs: ['start', 'io'], optionalVerbs: ['plug', 'unplug'] },

  vary: { 'four-domains': { start: 1, end: 4 }, 'high-numbers': { start: 0x7fff_fffc, end: 0x7fff_ffff } },

  given: (domain_range) => ({ config: { domain_range }, endpoints: { rng: {}, rng2: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    for (let round = 0; round < ROUNDS; round++) {
      await driver.unplug({ endpoint: 'rng2' });
      await machine.removeEndpoint({ endpoint: 'rng2' });
      await machine.addEndpoint({ endpoint: 'rng2' });
      await driver.plug({ endpoint: 'rng2' });
      await driver.io({ endpoint: 'rng2' });
    }
  },

  mustCatch: {
    'domain-leak': 'iommu/driver/ops/respect-domain-range',
    'release-leaves-mappings': 'platform/free/unmapped-on-release',
  },
});

import { defineCase } from '../api/index.ts';
import { rowsFor } from './answers.ts';
import { judgeSweep, SWEEP_REQUIREMENTS } from './sweep-judge.ts';

export default defineCase({
  id: 'sweeps/transfer',
  title: 'Whatever a request is answered with, no endpoint is told of an address that is not mapped for it',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to the requests behind which an ' +
    'endpoint with a driver of its own works. An address goes to the endpoint when its MAP was answered with OK, and not before.',
  requirements: SWEEP_REQUIREMENTS,
  needs: { verbs: ['start', 'stop', 'io'] },

  vary: { ...rowsFor('ATTACH', 1), ...rowsFor('MAP', 3), ...rowsFor('UNMAP', 2) },

  given: ({ faults }) => ({ endpoints: { rng: {} }, faults }),

  async when({ driver }) {
    await driver.try.start();
    await driver.try.io({ endpoint: 'rng' });
    await driver.try.io({ endpoint: 'rng' });
    await driver.try.stop();
    const started = await driver.try.start();
    if (started.ok) await driver.try.io({ endpoint: 'rng' });
  },

  then: judgeSweep,

  mustCatch: {
    'always-ok-after-failed-map': 'iommu/safety/map-before-dma',
    'map-answered-early': 'iommu/safety/map-before-dma',
    'ignores-zero-used-length': 'iommu/driver/ops/zero-used-len-is-failure',
    'continues-after-error': 'iommu/prose/domain-created-by-attach',
    'endpoint-driven-after-failed-attach': 'platform/order/no-dma-before-iommu',
    'failed-attach-accepted': 'iommu/prose/domain-created-by-attach',
    'hangs-without-an-answer': 'platform/robustness/survives-hostile',
  },
});

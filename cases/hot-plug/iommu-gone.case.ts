import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;
const LENGTH = 0x1000;

export default defineCase({
  id: 'hot-plug/iommu-gone',
  title: 'After surprise removal of the IOMMU nothing hangs or is reported as complete',
  demands:
    'An IOMMU that is gone reads all ones in every register and answers no request. A driver that waits for an answer hangs; one that ' +
    'takes 0xff for a status finds every bit set that it looks for, and hands out addresses that lead nowhere.',
  requirements: ['platform/hot-plug/no-success-without-iommu'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'], optionalVerbs: ['lose-iommu'] },

  vary: { told: true, untold: false },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }, told) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: LENGTH, access: 'read-write' });
    await machine.removeIommu();
    if (told) await driver.try['lose-iommu']();
    await driver.try.map({ iova: IOVA + 0x1000n, length: LENGTH, access: 'read-write' });
    await driver.try.unmap({ iova: IOVA, length: LENGTH });
    await driver.stop();
    await driver.try.start();
  },

  then(seen) {
    const gone = seen.of('staged')[1];
    for (const { verb, ok, asked, answer } of [...seen.calls('map'), ...seen.calls('start')]) {
      if (gone === undefined || asked.seq < gone.seq) continue;
      const says = `'${verb}' is answered with ok after surprise removal of the IOMMU.`;
      seen.check('platform/hot-plug/no-success-without-iommu', !ok, answer, says);
    }
  },

  mustCatch: {
    'gone-iommu-believed': 'platform/hot-plug/no-success-without-iommu',
  },
});

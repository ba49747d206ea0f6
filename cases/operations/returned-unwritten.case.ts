import { defineCase } from '../api/index.ts';

const MAPPING = { iova: 0x10_0000n, length: 0x1000 } as const;

export default defineCase({
  id: 'operations/returned-unwritten',
  title: 'A request that comes back with used length 0 counts as failed',
  demands:
    'A device that cannot make sense of a request gives it back without having written a status. What stands in the tail is then ' +
    "the driver's own, and a zero there looks like OK.",
  requirements: ['iommu/driver/ops/zero-used-len-is-failure'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    ATTACH: { request: 'ATTACH', verb: 'attach' },
    MAP: { request: 'MAP', verb: 'map' },
    UNMAP: { request: 'UNMAP', verb: 'unmap' },
  } as const,

  given: ({ request, verb }) => ({
    endpoints: { dma: {} },
    faults: [{ name: 'zero-used-length', request, during: verb }],
  }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ ...MAPPING, access: 'read-write' });
    await driver.unmap(MAPPING);
  },

  then(seen, { request, verb }) {
    const [call] = seen.calls(verb);
    const sent = call?.requests(request) ?? [];
    if (!call || sent.length === 0 || sent.some((event) => seen.answerTo(event)?.usedLength !== 0)) return;
    seen.check(
      'iommu/driver/ops/zero-used-len-is-failure',
      !call.ok,
      call.answer,
      `Every ${request} came back with used length 0, and '${verb}' was answered with ok; it should count as failed.`,
    );
  },

  mustCatch: {
    'ignores-zero-used-length': 'iommu/driver/ops/zero-used-len-is-failure',
    'failed-unmap-accepted': 'iommu/driver/ops/zero-used-len-is-failure',
  },
});

import { defineCase, type FeatureName } from '../api/index.ts';

const BASE = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_IN_ORDER',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
] as const satisfies readonly FeatureName[];

const IOVA = 0x10_0000n;
const PAGES = 5;

export default defineCase({
  id: 'virtqueue/in-order',
  title: 'A driver that accepts IN_ORDER understands one used entry for several requests',
  demands:
    'With IN_ORDER the device may return a batch of buffers by one used entry, which names the last of them. A driver that waits for ' +
    'an entry of each buffer waits for ever. A driver may leave the feature alone.',
  requirements: ['split/prose/in-order-batch', 'packed/prose/in-order-batch', 'split/prose/in-order-descriptors'],
  needs: { verbs: ['start', 'attach', 'detach', 'map'] },

  vary: {
    split: [],
    'split-with-tables': ['VIRTIO_F_INDIRECT_DESC'],
    'split-with-event-index': ['VIRTIO_F_EVENT_IDX'],
    packed: ['VIRTIO_F_RING_PACKED'],
    'packed-with-tables': ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_INDIRECT_DESC', 'VIRTIO_F_EVENT_IDX'],
  } satisfies Readonly<Record<string, readonly FeatureName[]>>,

  given: (features) => ({
    features: [...BASE, ...features],
    queueSizes: [32, 8],
    endpoints: { dma: {} },
    faults: ['batch-used-entries'],
  }),

  async when({ driver }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    // A domain that comes back to life is the occasion to send several requests at once.
    await driver.try.attach({ endpoint: 'dma' });
    for (let page = 0; page < PAGES; page++) {
      await driver.try.map({ iova: IOVA + BigInt(page) * 0x2000n, length: 0x1000, access: 'read-write' });
    }
    await driver.try.detach({ endpoint: 'dma' });
    await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen) {
    if (!seen.has('iommu', 'VIRTIO_F_IN_ORDER')) {
      if (seen.of('features').some(({ device, kept }) => device === 'iommu' && kept)) {
        seen.notApplicable('The driver does not accept VIRTIO_F_IN_ORDER.');
      }
      return;
    }
    const packed = seen.has('iommu', 'VIRTIO_F_RING_PACKED');
    const batch = packed ? 'packed/prose/in-order-batch' : 'split/prose/in-order-batch';
    for (const asked of seen.of('verb')) {
      const answer = seen.answers.find(({ seq }) => seq > asked.seq);
      const sent = seen.requests.filter(({ seq }) => seq > asked.seq && seq < (answer?.seq ?? 0));
      if (!answer || asked.verb === 'stop' || sent.length === 0) continue;
      if (!sent.every((request) => seen.answerTo(request)?.status === 0)) continue;
      seen.check(
        batch,
        answer.outcome === 'ok',
        answer,
        `'${asked.verb}' fails (${answer.reason ?? 'no reason given'}) although all ${sent.length} requests were returned in order.`,
      );
    }
    if (packed) return;
    const heads = seen.of('chain').filter(({ device, queue }) => device === 'iommu' && queue === 0);
    let next = 0;
    for (const chain of heads) {
      const { size = 0 } =
        seen.of('queue-enabled').find(({ device, queue }) => device === 'iommu' && queue === 0) ?? {};
      const direct = chain.descriptors.filter(({ table }) => table === 'direct').length;
      seen.check(
        'split/prose/in-order-descriptors',
        chain.headIndex === next,
        chain,
        `A chain of requestq begins at descriptor ${chain.headIndex}; in ring order it is the turn of ${next}.`,
      );
      next = (chain.headIndex + direct) % Math.max(size, 1);
    }
  },

  mustCatch: {
    'in-order-batch-ignored': ['split/prose/in-order-batch', 'packed/prose/in-order-batch'],
    'accepts-in-order': 'split/prose/in-order-descriptors',
    'waits-for-interrupt-only': 'split/prose/in-order-batch',
  },
});

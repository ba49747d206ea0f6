import { defineCase } from '../api/index.ts';

const MAPPING = { iova: 0x10_0000n, length: 0x1000 } as const;

export default defineCase({
  id: 'operations/tail-reserved',
  title: 'The reserved bytes of the tail carry no meaning',
  demands:
    'A later version may put something into the three bytes behind the status. A driver of today must take a request for ' +
    'successful when its status says so, whatever stands there.',
  requirements: ['iommu/driver/ops/ignore-tail-reserved'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: { 'bytes-set': ['tail-reserved-nonzero'], 'bytes-zero': [] } as const,
  control: 'bytes-zero',

  given: (faults) => ({ endpoints: { dma: {} }, faults }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ ...MAPPING, access: 'read-write' });
    await driver.unmap(MAPPING);
  },

  then(seen, faults) {
    for (const [verb, name] of [
      ['attach', 'ATTACH'],
      ['map', 'MAP'],
      ['unmap', 'UNMAP'],
    ] as const) {
      const [call] = seen.calls(verb);
      const replies = call?.requests(name).map((request) => seen.answerTo(request)) ?? [];
      if (!call || replies.length === 0 || replies.some((reply) => reply?.status !== 0)) return;
      seen.check(
        'iommu/driver/ops/ignore-tail-reserved',
        // What fails with zeros in the tail as well fails for another reason.
        call.ok || (faults.length === 0 ? undefined : false),
        call.answer,
        `${name} was answered with the tail ${replies.at(-1)?.bytes.slice(-8)}, status OK, and '${verb}' fails: ${call.answer.reason ?? 'no reason given'}.`,
      );
    }
  },

  mustCatch: {
    'tail-reserved-checked': 'iommu/driver/ops/ignore-tail-reserved',
    'status-at-tail-end': 'iommu/driver/ops/ignore-tail-reserved',
  },
});

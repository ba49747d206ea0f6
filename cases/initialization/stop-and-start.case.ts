import { type Call, defineCase, hex, type Seen, STATUS, statusWith } from '../api/index.ts';

export default defineCase({
  id: 'initialization/stop-and-start',
  title: 'The device is reset when its driver is taken down, and comes up again afterwards',
  demands:
    'Buffers on a live queue still belong to the device. A driver that goes away has to reset the device before it takes back ' +
    'the rings and the event buffers, or the device writes into memory that has a new owner. The endpoints come first: what they ' +
    'still use stays mapped.',
  requirements: ['core/driver/cleanup/not-live-before-removal', 'platform/free/not-while-in-use'],
  needs: { verbs: ['start', 'stop'] },

  given: () => ({ endpoints: { rng: {}, dma: {} } }),

  async when({ driver }) {
    await driver.start();
    await driver.stop();
    await driver.start();
  },

  then(seen) {
    for (const stop of seen.calls('stop')) {
      if (!stop.ok) continue;
      judgeOrder(seen, stop);
      const enabled = seen
        .of('queue-enabled')
        .findLast(({ device, seq }) => device === 'iommu' && seq < stop.answer.seq);
      // Without DRIVER_OK no queue is live, as where a start was given up half way.
      const live = enabled && statusWith(seen.events, 'register-write', STATUS.DRIVER_OK, { since: enabled.seq });
      if (!enabled || !live || live.seq > stop.answer.seq) continue;
      const wasReset = seen
        .of('reset')
        .some(({ device, seq }) => device === 'iommu' && seq > enabled.seq && seq < stop.answer.seq);
      seen.check(
        'core/driver/cleanup/not-live-before-removal',
        wasReset,
        stop.answer,
        'The driver was taken down, and the device was not reset; its queues are still live.',
      );
    }
  },

  mustCatch: {
    'stop-without-reset': 'core/driver/cleanup/not-live-before-removal',
    'stop-sets-failed': 'core/driver/cleanup/not-live-before-removal',
    'rng-not-reset': 'platform/free/not-while-in-use',
    'rng-reset-after-unmap': 'platform/free/not-while-in-use',
    'stop-iommu-first': 'platform/free/not-while-in-use',
  },
});

/** While the driver was taken down, nothing was taken from an endpoint that it had been told of and had not given back. */
function judgeOrder(seen: Seen, { asked, answer, requests }: Call): void {
  const isInUse = (seq: number, start: bigint, end: bigint): boolean =>
    seen
      .of('exposed')
      .some(
        (told) =>
          told.seq < seq &&
          told.address >= start &&
          told.address <= end &&
          told.reachable &&
          !seen.of('returned').some((back) => back.address === told.address && back.seq > told.seq && back.seq < seq),
      );
  for (const unmap of requests('UNMAP')) {
    const { virt_start = 0n, virt_end = 0n } = unmap.fields;
    seen.check(
      'platform/free/not-while-in-use',
      !isInUse(unmap.seq, virt_start, virt_end),
      unmap,
      `UNMAP covers ${hex(virt_start)} to ${hex(virt_end)}, of which an endpoint still makes use.`,
    );
  }
  for (const reset of seen.of('reset')) {
    if (reset.device !== 'iommu' || reset.seq < asked.seq || reset.seq > answer.seq) continue;
    seen.check(
      'platform/free/not-while-in-use',
      !isInUse(reset.seq, 0n, 0xffff_ffff_ffff_ffffn),
      reset,
      'The IOMMU is reset while an endpoint still makes use of what is mapped for it.',
    );
  }
}

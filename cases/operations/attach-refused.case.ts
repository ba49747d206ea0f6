import { defineCase } from '../api/index.ts';
import { type Status, STATUSES, statusName } from './statuses.ts';

export default defineCase({
  id: 'operations/attach-refused',
  title: 'A refused ATTACH is reported, whatever the status',
  demands:
    'The device may refuse an ATTACH with any status, one from a later version among them. The driver should tell whoever asked ' +
    'for it; going on would let the endpoint run in a domain that does not exist.',
  requirements: ['iommu/safety/failed-map-reported'],
  needs: { verbs: ['start', 'attach'] },

  vary: STATUSES,
  control: 'accepted',

  // What the driver attaches for itself as it starts is not refused.
  given: (status: Status) => ({
    endpoints: { dma: {} },
    faults: status === 0 ? [] : [{ name: 'status-of-request', request: 'ATTACH', during: 'attach', status }],
  }),

  async when({ driver }) {
    await driver.start();
    await driver.try.attach({ endpoint: 'dma' });
  },

  then(seen, status) {
    const [call] = seen.calls('attach');
    const last = call?.requests('ATTACH').at(-1);
    if (!call || !last || seen.answerTo(last)?.status !== status) return;
    seen.check(
      'iommu/safety/failed-map-reported',
      status === 0 ? call.ok || undefined : !call.ok,
      call.answer,
      `The device failed ATTACH with status ${statusName(status)}, but the driver reports success.`,
    );
  },

  mustCatch: {
    'failed-attach-accepted': 'iommu/safety/failed-map-reported',
    'unknown-status-accepted': 'iommu/safety/failed-map-reported',
  },
});

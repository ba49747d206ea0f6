import { defineCase } from '../api/index.ts';
import { type Status, STATUSES, statusName } from './statuses.ts';

export default defineCase({
  id: 'operations/map-refused',
  title: 'A refused MAP is reported to the caller',
  demands:
    'When the device refuses a MAP there is no mapping. A driver that says otherwise makes an endpoint use an address that faults, ' +
    'far away from the cause.',
  requirements: ['iommu/safety/failed-map-reported'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: STATUSES,
  control: 'accepted',

  given: (status: Status) => ({
    endpoints: { dma: {} },
    faults: status === 0 ? [] : [{ name: 'status-of-request', request: 'MAP', during: 'map', status }],
  }),

  async when({ driver }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.try.map({ iova: 0x10_0000n, length: 0x1000, access: 'read-write' });
  },

  then(seen, status) {
    const [call] = seen.calls('map');
    const sent = call?.requests('MAP') ?? [];
    if (!call || sent.length === 0 || sent.some((map) => seen.answerTo(map)?.status !== status)) return;
    seen.check(
      'iommu/safety/failed-map-reported',
      status === 0 ? call.ok || undefined : !call.ok,
      call.answer,
      `The device failed MAP with status ${statusName(status)}, but the driver reports success.`,
    );
  },

  mustCatch: {
    'always-ok-after-failed-map': 'iommu/safety/failed-map-reported',
    'unknown-status-accepted': 'iommu/safety/failed-map-reported',
  },
});

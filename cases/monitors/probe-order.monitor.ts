import { defineMonitor, hex } from '../api/index.ts';
import { negotiated, sessionsOf } from './sessions.ts';

export default defineMonitor({
  id: 'probe-order',
  title: 'Every endpoint is probed before it is attached for the first time',
  requirements: ['iommu/driver/init/probe-before-attach'],
  judge(seen) {
    // An endpoint that was probed before a reset need not be probed again.
    const probed = new Set<number>();
    const judged = new Set<number>();
    for (const session of sessionsOf(seen)) {
      for (const event of session.events) {
        // Whatever is put into the place of another is a new endpoint.
        if (event.kind === 'plug' && event.present && event.endpoint !== undefined) {
          probed.delete(event.endpoint);
          judged.delete(event.endpoint);
        }
        if (event.kind !== 'request') continue;
        const { endpoint } = event.fields;
        if (endpoint === undefined) continue;
        if (event.name === 'PROBE') probed.add(endpoint);
        if (event.name !== 'ATTACH' || judged.has(endpoint)) continue;
        judged.add(endpoint);
        if (!negotiated(session, 'VIRTIO_IOMMU_F_PROBE')) continue;
        seen.check(
          'iommu/driver/init/probe-before-attach',
          probed.has(endpoint),
          event,
          `ATTACH for endpoint ${hex(endpoint)} was sent before any PROBE, although VIRTIO_IOMMU_F_PROBE was negotiated.`,
        );
      }
    }
  },
  mustCatch: {
    'probe-skipped': 'iommu/driver/init/probe-before-attach',
    'probe-after-map': 'iommu/driver/init/probe-before-attach',
    'probe-after-attach': 'iommu/driver/init/probe-before-attach',
    'probe-once-for-all': 'iommu/driver/init/probe-before-attach',
  },
});

import { defineMonitor } from '../api/index.ts';
import { inSession, negotiated, sessionsOf } from './sessions.ts';

export default defineMonitor({
  id: 'probe-order',
  title: 'Every endpoint is probed before it is attached for the first time',
  requirements: ['iommu/driver/init/probe-before-attach'],
  judge(seen) {
    // An endpoint that was probed before a reset need not be probed again.
    const probed = new Set<number>();
    const judged = new Set<number>();
    for (const session of sessionsOf(seen)) {
      for (const request of inSession(session, 'request')) {
        const { endpoint } = request.fields;
        if (endpoint === undefined) continue;
        if (request.name === 'PROBE') probed.add(endpoint);
        if (request.name !== 'ATTACH' || judged.has(endpoint)) continue;
        judged.add(endpoint);
        if (!negotiated(session, 'VIRTIO_IOMMU_F_PROBE')) continue;
        seen.check(
          'iommu/driver/init/probe-before-attach',
          probed.has(endpoint),
          request,
          `ATTACH of endpoint ${endpoint} comes before any PROBE for it, and VIRTIO_IOMMU_F_PROBE was negotiated.`,
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

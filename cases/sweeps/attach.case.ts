import { defineCase } from '../api/index.ts';
import { mappingSweep } from './mapping-sweep.ts';

export default defineCase({
  id: 'sweeps/attach',
  title: 'The driver survives any answer to ATTACH, reports a failure, and does not use a refused attachment',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to each ATTACH in turn. No domain is used that no endpoint was attached to, and after a stop and a start the driver works again.',
  ...mappingSweep('ATTACH', 2),

  mustCatch: {
    'failed-attach-accepted': ['iommu/safety/failed-map-reported', 'iommu/prose/domain-created-by-attach'],
    'unknown-status-accepted': 'iommu/safety/failed-map-reported',
    'ignores-zero-used-length': 'iommu/driver/ops/zero-used-len-is-failure',
    'panics-on-unknown-status': 'platform/robustness/survives',
  },
});

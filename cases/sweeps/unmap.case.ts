import { defineCase } from '../api/index.ts';
import { mappingSweep } from './mapping-sweep.ts';

export default defineCase({
  id: 'sweeps/unmap',
  title: 'The driver survives any answer to UNMAP, and does not take the range for unmapped where it failed',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to each UNMAP in turn. What the driver confirms has to be so: a mapping that is still there can still be used.',
  ...mappingSweep('UNMAP', 1),

  mustCatch: {
    'failed-unmap-accepted': 'platform/free/unmapped-when-freed',
    'unknown-status-accepted': 'platform/free/unmapped-when-freed',
    'ignores-zero-used-length': 'iommu/driver/ops/zero-used-len-is-failure',
    'unmap-answered-early': 'iommu/safety/unmap-before-reuse',
    'panics-on-unknown-status': 'platform/robustness/survives',
  },
});

import { defineCase } from '../api/index.ts';
import { mappingSweep } from './mapping-sweep.ts';

export default defineCase({
  id: 'sweeps/map',
  title: 'The driver survives any answer to MAP, reports a failure, and does not take the range for mapped',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to each MAP in turn. Whoever asked for the mapping has to hear the truth, after the answer and not before.',
  ...mappingSweep('MAP', 2),

  mustCatch: {
    'always-ok-after-failed-map': 'iommu/safety/failed-map-reported',
    'unknown-status-accepted': 'iommu/safety/failed-map-reported',
    'ignores-zero-used-length': 'iommu/driver/ops/zero-used-len-is-failure',
    'map-answered-early': 'iommu/safety/map-before-dma',
    'looks-at-status-early': 'iommu/safety/map-before-dma',
    'panics-on-long-answer': 'platform/robustness/survives',
    'panics-on-foreign-used-id': 'platform/robustness/survives-hostile',
    'hangs-without-an-answer': 'platform/robustness/survives-hostile',
  },
});

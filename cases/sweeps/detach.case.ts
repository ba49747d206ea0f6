import { defineCase } from '../api/index.ts';
import { mappingSweep } from './mapping-sweep.ts';

export default defineCase({
  id: 'sweeps/detach',
  title: 'The driver survives any answer to DETACH, and does not take the endpoint for detached where it failed',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to DETACH. What the driver confirms has to be so: an endpoint that is still attached still reaches what is mapped.',
  ...mappingSweep('DETACH', 1),

  mustCatch: {
    'failed-detach-accepted': 'platform/detach/no-access-left',
    'hangs-without-an-answer': 'platform/robustness/survives-hostile',
  },
});

import { defineCase } from '../api/index.ts';
import { rowsFor } from './answers.ts';
import { judgeSweep, SWEEP_REQUIREMENTS } from './sweep-judge.ts';
import { mappingTour } from './tours.ts';

export default defineCase({
  id: 'sweeps/detach',
  title: 'The driver survives any answer to DETACH, and does not take the endpoint for detached where it failed',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to DETACH. What the driver confirms has to be so: an endpoint that is still attached still reaches what is mapped.',
  requirements: SWEEP_REQUIREMENTS,
  needs: { verbs: ['start', 'stop', 'attach', 'detach', 'map', 'unmap'], sweeps: true },

  vary: rowsFor('DETACH', 1),

  given: ({ faults }) => ({ endpoints: { dma: {} }, faults }),
  when: mappingTour,
  then: judgeSweep,

  mustCatch: {
    'failed-detach-accepted': 'platform/detach/no-access-left',
    'hangs-without-an-answer': 'platform/robustness/survives-hostile',
  },
});

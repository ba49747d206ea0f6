import { defineCase } from '../api/index.ts';
import { rowsFor } from './answers.ts';
import { judgeSweep, SWEEP_REQUIREMENTS } from './sweep-judge.ts';
import { mappingTour } from './tours.ts';

export default defineCase({
  id: 'sweeps/probe',
  title: 'The driver survives any answer to PROBE',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to PROBE. What a driver makes of an endpoint that it could not probe is its own affair; it must neither crash nor hang.',
  requirements: SWEEP_REQUIREMENTS,
  needs: { verbs: ['start', 'stop', 'attach', 'detach', 'map', 'unmap'], sweeps: true },

  vary: rowsFor('PROBE', 1),

  given: ({ faults }) => ({ endpoints: { dma: {} }, faults }),
  when: mappingTour,
  then: judgeSweep,

  mustCatch: {
    'panics-on-unknown-status': 'platform/robustness/survives',
    'panics-on-long-answer': 'platform/robustness/survives',
    'hangs-without-an-answer': 'platform/robustness/survives-hostile',
  },
});

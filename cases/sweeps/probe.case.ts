import { defineCase } from '../api/index.ts';
import { mappingSweep } from './mapping-sweep.ts';

export default defineCase({
  id: 'sweeps/probe',
  title: 'The driver survives any answer to PROBE',
  demands:
    'Every status, every used length, and an answer that comes late, twice or never, is given to PROBE. What a driver makes of an endpoint that it could not probe is its own affair; it must neither crash nor hang.',
  ...mappingSweep('PROBE', 1),

  mustCatch: {
    'panics-on-unknown-status': 'platform/robustness/survives',
    'panics-on-long-answer': 'platform/robustness/survives',
    'hangs-without-an-answer': 'platform/robustness/survives-hostile',
  },
});

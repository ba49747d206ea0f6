import { expect, it } from 'vitest';
import { defineMonitor } from '../../cases/api/define-monitor.ts';
import { machineOf } from '../../cases/api/default-machine.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import { judgePlay, outcomeOf, type Play } from './judge-play.ts';

const blaming = defineMonitor({
  id: 'blaming',
  title: 'Blames every driver',
  requirements: ['core/driver/config/generation-loop'],
  judge: (seen) => seen.check('core/driver/config/generation-loop', false, seen.events[0], 'It is not read again.'),
  mustCatch: {},
});

const start: TraceEvent = { kind: 'verb', verb: 'start', args: {}, seq: 0 };
const cut: TraceEvent = { kind: 'cut', says: '3 further events were not kept (limit 1)', seq: 4 };

/** What comes of a play with this trace, if the case blames the driver too. */
function judged(trace: readonly TraceEvent[], endings: Play['endings'] = []) {
  const setup = machineOf({}, 'spec');
  const driver = { name: 'sample', lazyUnmap: false, topologies: ['viot'], verbs: new Set<string>() };
  const result = judgePlay(
    {
      id: 'map/one',
      requirements: ['iommu/safety/map-before-dma'],
      survival: 'platform/robustness/survives',
      judge: (seen) => seen.check('iommu/safety/map-before-dma', false, seen.events[0], 'No MAP was sent.'),
    },
    { trace, setup, driver: driver as never, endings },
    [blaming],
  );
  return outcomeOf({ ...result, driverLog: '' });
}

it('judges nothing in a trace that was cut', () => {
  expect(judged([start])).toMatchObject({ verdict: 'fail' });
  const { verdict, says, findings } = judged([start, cut]);
  expect({ verdict, findings }).toEqual({ verdict: 'untested', findings: [] });
  expect(says).toBe('The trace is full, and nothing in it was judged: 3 further events were not kept (limit 1).');
});

it('blames a driver that is gone although the trace was cut', () => {
  const { verdict } = judged([start, cut], [{ kind: 'driver-gone', says: 'The driver crashed.' }]);
  expect(verdict).toBe('fail');
});

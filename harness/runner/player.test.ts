import { expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { planRun } from './plan.ts';

it('what an oddity has broken for good is no fault of the control, which is played before', async () => {
  const [planned] = planRun(CASES, { globs: ['operations/works-again:PROBE-refused'], seed: 1, shuffle: false });
  const { verdict } = await playVariant(sampleDriver({ faults: ['gives-up-for-good'] }), planned!);
  expect(verdict).toBe('fail');
});

import { expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { planRun } from './plan.ts';

it('what an oddity has broken for good is not found in the control, which is played in a session of its own', async () => {
  const [planned] = planRun(CASES, { globs: ['operations/works-again:PROBE-refused'], seed: 1, shuffle: false });
  const { verdict } = await playVariant(sampleDriver({ faults: ['gives-up-for-good'] }), planned!);
  expect(verdict).toBe('fail');
});

/** What a driver does not map, because its user asked for that, can be neither held against it nor for it. */
import { expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { driverClaiming } from './fixtures/claiming.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { planRun } from './plan.ts';

it.each([
  ['dma/after-detach', 'detach-wrong-domain'],
  ['free/after-each-io', 'frees-without-unmap'],
  ['free/on-release', 'release-leaves-mappings'],
])('%s is not applicable to a driver that says so, whatever it does', async (id, fault) => {
  const [planned] = planRun(CASES, { globs: [id], seed: 1, shuffle: false });
  const verdicts: string[] = [];
  for (const passthrough of [false, true]) {
    const driver = driverClaiming(sampleDriver({ faults: [fault] }), { passthrough });
    verdicts.push((await playVariant(driver, planned!, [])).verdict);
  }
  expect(verdicts).toEqual(['fail', 'not-applicable']);
});

/** A correct driver lives with every device profile: nothing that a device model does may count against it. */
import { describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { PROFILES } from '../../reference-device/profiles.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { planRun } from './plan.ts';

/** Cases that meet what the profiles change: answers, ranges, properties, reports, resets, small queues. */
const GLOBS = [
  'attach/*',
  'bypass/*',
  'detach/*',
  'dma/*',
  'fault-reporting/*',
  'free/*',
  'initialization/*',
  'map/*',
  'operations/*',
  'probe/*',
  'resv-mem/*',
  'unmap/*',
  'transport-mmio/queue-sizes',
  'virtqueue/queue-reset',
];

describe('the sample driver', () => {
  it.each(Object.keys(PROFILES) as ProfileName[])('breaks nothing in front of %s', async (profile) => {
    const wrong: string[] = [];
    let passCount = 0;
    const plan = planRun(CASES, { globs: GLOBS, seed: 1, shuffle: false, profile });
    for (const planned of plan) {
      const { verdict, says } = await playVariant(sampleDriver({}), planned);
      if (verdict === 'pass') passCount++;
      else if (verdict !== 'untested') wrong.push(`${planned.id}: ${verdict}: ${says}`);
    }
    expect(wrong).toEqual([]);
    expect(passCount).toBeGreaterThan(plan.length * 0.85);
  });
});

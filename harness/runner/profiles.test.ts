/** A correct driver lives with every device profile: nothing that a device model does may count against it. */
import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { PROFILES } from '../../reference-device/profiles.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { planRun, type PlannedVariant } from './plan.ts';
import { type CaseResult, runCase } from './run-case.ts';

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

const plan: readonly PlannedVariant[] = planRun(CASES, { globs: GLOBS, seed: 1, shuffle: false });

async function play(planned: PlannedVariant, profile: ProfileName): Promise<CaseResult> {
  const session = await sampleDriver({}).open(planned.variant.given.topology ?? 'plain');
  const result = await runCase(session, planned, MONITORS, profile);
  await session.close();
  return result;
}

describe('the sample driver', () => {
  it.each(Object.keys(PROFILES) as ProfileName[])('breaks nothing in front of %s', async (profile) => {
    const wrong: string[] = [];
    let passCount = 0;
    for (const planned of plan) {
      const { verdict, says } = await play(planned, profile);
      if (verdict === 'pass') passCount++;
      else if (verdict !== 'untested') wrong.push(`${planned.id}: ${verdict}: ${says}`);
    }
    expect(wrong).toEqual([]);
    expect(passCount).toBeGreaterThan(plan.length * 0.85);
  });
});

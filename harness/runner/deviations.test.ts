/**
 * Whatever the device is told to do otherwise, in whatever case: a driver without mistakes is not blamed. What a deviation makes
 * impossible to tell is blurred (`blurs` in its row), or the case judges rightly all the same. All pairs in `npm run test:long`, and a
 * part of them, drawn with a fixed seed, here.
 */
import { describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { DEVICE_FAULTS, type DeviceFault, type DeviceFaultName } from '../../reference-device/device-faults.ts';
import { rootsOf } from '../../reports/record/root-findings.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { planned } from './plan.ts';
import { SeededRandom } from './random.ts';

const IS_LONG = process.env['VIOMMUSPEC_ROUNDS'] !== undefined;
/** One pair of so many is played in the unit tests. */
const PART = IS_LONG ? 1 : 16;

/** Deviations that change what the machine is, so that a driver rightly leaves it alone or says so. */
const names = Object.keys(DEVICE_FAULTS) as DeviceFaultName[];

/** The switch with what it takes to do something. */
const switchOn = (name: DeviceFaultName): DeviceFault => ({
  name,
  ...(name === 'status-of-request' && { status: 8 }),
  ...(name === 'probe-reserved-type-bits' && { range: { start: 0x5000_0000n, end: 0x5000_0fffn } }),
});

describe('a driver without mistakes is blamed for nothing', () => {
  it.each(names)('where the device does this besides: %s', { timeout: IS_LONG ? 600_000 : 60_000 }, async (name) => {
    const random = new SeededRandom(names.indexOf(name) + 1);
    const blamed: string[] = [];
    for (const entry of CASES) {
      if (random.next() % PART !== 0) continue;
      const variant = entry.variants[random.next() % entry.variants.length]!;
      const { verdict, says, findings } = await playVariant(
        sampleDriver({}),
        planned(entry, variant, 'spec', ({ faults = [], ...given }) => ({
          ...given,
          faults: [...faults, switchOn(name)],
        })),
      );
      if (verdict === 'error') blamed.push(`${entry.id}:${variant.name}: ${says}`);
      for (const it of rootsOf(findings)) {
        blamed.push(`${entry.id}:${variant.name} by ${it.by}: ${it.requirement}: ${it.says}`);
      }
    }
    expect(blamed).toEqual([]);
  });
});

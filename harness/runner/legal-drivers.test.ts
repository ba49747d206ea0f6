/**
 * No driver that is merely odd is blamed, in front of any device profile and of any legal machine: habits, profiles and
 * machines are drawn by lot. VIOMMUSPEC_ROUNDS says how often the catalogue is gone through; `npm run test:long` does so many times.
 */
import { rootsOf } from '../../reports/record/root-findings.ts';
import { describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { PROFILES, type ProfileName } from '../../reference-device/profiles.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { DRIVER_CHARACTERS, DRIVER_HABITS, type DriverHabitName } from '../drivers/sample-driver/driver-habits.ts';
import { withDrawnMachine } from './fixtures/drawn-machine.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { allVariants, planned, planRun, type PlannedVariant } from './plan.ts';
import { SeededRandom } from './random.ts';

const ROUNDS = Number(process.env['VIOMMUSPEC_ROUNDS'] ?? 1);
const HABITS_MAX = 4;

const profileNames = Object.keys(PROFILES) as ProfileName[];
const habitNames = Object.keys(DRIVER_HABITS) as DriverHabitName[];
const reminders = new Set(Object.values(DRIVER_CHARACTERS).flatMap((character) => character.reminders));

/** What is held against a driver with these habits, each with what shows it. */
async function blame(
  situation: PlannedVariant,
  profile: ProfileName,
  habits: readonly DriverHabitName[],
): Promise<string[]> {
  const { verdict, says, findings } = await playVariant(sampleDriver({ habits }), situation);
  const options = habits.map((habit) => ` --habit ${habit}`).join('');
  const command = `run --driver sample${options} --profile ${profile} --case ${situation.id}`;
  const held = rootsOf(findings).filter((it) => it.verdict === 'fail' || !reminders.has(it.requirement));
  return [...(verdict === 'error' ? [{ requirement: 'error', says }] : []), ...held].map(
    (it) => `${command}: ${it.requirement}: ${it.says}`,
  );
}

function drawn<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.next() % from.length]!;
}

it('a habit is one of some character’s, so that the self-test plays it', () => {
  const played = new Set<string>(Object.values(DRIVER_CHARACTERS).flatMap(({ habits }) => habits));
  expect(habitNames.filter((name) => !played.has(name))).toEqual([]);
});

describe('a driver with odd habits is not blamed', () => {
  it('in front of any profile, as they are drawn', { timeout: 60_000 + ROUNDS * 20_000 }, async () => {
    const random = new SeededRandom(1);
    const blamed: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const { case: entry, variant } of allVariants(CASES)) {
        const profile = drawn(random, profileNames);
        const habits = Array.from({ length: 1 + (random.next() % HABITS_MAX) }, () => drawn(random, habitNames));
        blamed.push(...(await blame(planned(entry, variant, profile), profile, [...new Set(habits)])));
      }
    }
    expect(blamed).toEqual([]);
  });

  it('in front of any legal machine, as they are drawn', {
    timeout: 60_000 + ROUNDS * 20_000,
  }, async () => {
    const random = new SeededRandom(2);
    const blamed: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const variant of allVariants(CASES)) {
        const drawnVariant = withDrawnMachine(variant, random);
        const { iommu, faults } = drawnVariant.setup;
        const found = await blame(drawnVariant, 'spec', random.next() % 2 === 0 ? [] : [drawn(random, habitNames)]);
        blamed.push(
          ...found.map(
            (says) => `${says} (${JSON.stringify({ features: iommu.features, queueSizes: iommu.queueSizes, faults })})`,
          ),
        );
      }
    }
    expect(blamed).toEqual([]);
  });

  it.each([
    ['qemu', 'leaves-bypass-on', ['free/*', 'hot-plug/*', 'dma/after-detach:*']],
    ['cloud-hypervisor', 'one-descriptor-a-byte', ['feature-bits/*', 'transport-mmio/*', 'virtqueue/spurious-*']],
    ['cloud-hypervisor', 'stop-leaves-mappings', ['sweeps/transfer:first-ATTACH-*', 'free/on-stop']],
    ['crosvm', 'stop-leaves-mappings', ['free/on-stop']],
    ['spec', 'tiny-queues', ['virtqueue/in-order:*']],
    ['spec', 'polls-only', ['suspend/*']],
    ['spec', 'declines-input-range', ['topology/windowed-aperture:*', 'topology/iommu-configurations:*']],
    ['spec', 'declines-domain-range', ['sweeps/transfer:*', 'topology/all-node-types', 'topology/shared-id']],
    ['awkward-legal', 'declines-input-range', ['sweeps/transfer:*', 'fault-reporting/*']],
    ['spec', 'map-twice', ['sweeps/transfer:first-MAP-*']],
    ['crosvm', 'insists-on-bypass-config', ['initialization/claimed-verbs:*']],
    ['large-pages', 'unmaps-lazily unmaps-all-at-once', ['virtqueue/queue-reset:*', 'feature-bits/reserved:*']],
    ['awkward-legal', 'map-overlap-sent descriptors-from-the-top map-twice', ['sweeps/probe:first-PROBE-twice']],
  ] as const)('in front of %s, though it %s, as it once was', async (profile, habits, globs) => {
    const blamed: string[] = [];
    for (const situation of planRun(CASES, { globs, seed: 1, shuffle: false, profile })) {
      blamed.push(...(await blame(situation, profile, habits.split(' ') as DriverHabitName[])));
    }
    expect(blamed).toEqual([]);
  });
});

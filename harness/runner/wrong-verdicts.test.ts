/** What drivers were blamed for, or praised for, and should not have been. */
import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { DRIVER_HABITS } from '../drivers/sample-driver/driver-habits.ts';
import { DOUBTFUL_VERDICTS, type DoubtfulVerdicts } from './fixtures/wrong-verdicts.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { planned, type PlannedVariant, planRun } from './plan.ts';

const variantsOf = (variants: string, { profile, machine }: Partial<DoubtfulVerdicts> = {}): PlannedVariant[] =>
  planRun(CASES, { globs: [variants], seed: 1, shuffle: false }).map(({ case: entry, variant }) =>
    planned(entry, variant, profile, (given) => ({ ...given, ...machine })),
  );

function judges(variants: string, requirement: string): boolean {
  const judged = [...variantsOf(variants).map(({ case: own }) => own), ...MONITORS].flatMap((it) => it.requirements);
  return (judged as readonly string[]).includes(requirement);
}

/** The variants in which the requirement counts as it should not. */
async function miscounted(
  { driver, counts, ...where }: (typeof DOUBTFUL_VERDICTS)[number],
  variants: string,
  requirement: string,
): Promise<string[]> {
  const habits = driver.filter((name) => name in DRIVER_HABITS);
  const faults = driver.filter((name) => !(name in DRIVER_HABITS));
  const found: string[] = [];
  for (const variant of variantsOf(variants, where)) {
    const { judged } = await playVariant(sampleDriver({ habits, faults }), variant);
    const isMiscounted = judged.some((it) => it.requirement === requirement && it.held === (counts === 'held'));
    if (isMiscounted) found.push(variant.id);
  }
  return found;
}

it('every row names variants that there are, and requirements that their cases judge', () => {
  const rows = DOUBTFUL_VERDICTS.flatMap((row) => row.in);
  expect(rows.filter(([variants, requirement]) => !judges(variants, requirement))).toEqual([]);
});

describe.each(DOUBTFUL_VERDICTS)('a driver with $driver', (row) => {
  it.each(row.in)(
    `in %s does not count as one for which %s is ${row.counts}: ${row.because}`,
    async (variants, requirement) => {
      expect(await miscounted(row, variants, requirement)).toEqual([]);
    },
  );
});

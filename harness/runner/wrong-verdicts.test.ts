/** What drivers were blamed for, or praised for, and should not have been. */
import { describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { DRIVER_HABITS } from '../drivers/sample-driver/driver-habits.ts';
import { DOUBTFUL_VERDICTS, type DoubtfulVerdict } from './fixtures/wrong-verdicts.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { planRun } from './plan.ts';

/** The variants in which the requirement counts as it should not. */
async function miscounted({ driver, profile, variants, requirement, counts }: DoubtfulVerdict): Promise<string[]> {
  const habits = driver.filter((name) => name in DRIVER_HABITS);
  const faults = driver.filter((name) => !(name in DRIVER_HABITS));
  const found: string[] = [];
  const plan = planRun(CASES, { globs: [...variants], seed: 1, shuffle: false, profile });
  for (const planned of plan) {
    const { judged } = await playVariant(sampleDriver({ habits, faults }), planned);
    const isMiscounted = judged.some((it) => it.requirement === requirement && it.held === (counts === 'held'));
    if (isMiscounted) found.push(planned.id);
  }
  return found;
}

describe.each(DOUBTFUL_VERDICTS)('a driver with $driver, in $variants', (row) => {
  // Where this fails because it passes, the row in the table is to say `right`.
  (row.today === 'wrong' ? it.fails : it)(
    `does not count as one for which ${row.requirement} is ${row.counts}`,
    async () => {
      expect(await miscounted(row)).toEqual([]);
    },
  );
});

/** What drivers were blamed for, or praised for, and should not have been. */
import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { DRIVER_HABITS } from '../drivers/sample-driver/driver-habits.ts';
import { DOUBTFUL_VERDICTS, type DoubtfulVerdict } from './fixtures/wrong-verdicts.ts';
import { planRun, topologyOf } from './plan.ts';
import { runCase } from './run-case.ts';

/** The variants in which the requirement counts as it should not. */
async function miscounted({ driver, profile, variants, requirement, counts }: DoubtfulVerdict): Promise<string[]> {
  const habits = driver.filter((name) => name in DRIVER_HABITS);
  const faults = driver.filter((name) => !(name in DRIVER_HABITS));
  const found: string[] = [];
  for (const planned of planRun(CASES, { globs: [...variants], seed: 1, shuffle: false })) {
    const session = await sampleDriver({ habits, faults }).open(topologyOf(planned));
    const { judged } = await runCase(session, planned, MONITORS, profile);
    await session.close();
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

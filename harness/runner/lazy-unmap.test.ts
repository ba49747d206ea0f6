/** A driver that unmaps lazily, and says so, is not judged by what it has not unmapped yet. */
import { expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { allVariants, topologyOf } from './plan.ts';
import { runCase } from './run-case.ts';

it('is blamed for nothing in the whole catalogue', { timeout: 120_000 }, async () => {
  const blamed: string[] = [];
  for (const planned of allVariants(CASES)) {
    const session = await sampleDriver({ habits: ['unmaps-lazily'] }).open(topologyOf(planned));
    const { findings } = await runCase(session, planned, MONITORS);
    await session.close();
    blamed.push(...findings.map(({ requirement, says }) => `${planned.id}: ${requirement}: ${says}`));
  }
  expect(blamed).toEqual([]);
});

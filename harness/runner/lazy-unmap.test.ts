/** A driver that unmaps lazily, and says so, is not judged by what it has not unmapped yet. */
import { rootsOf } from '../../reports/record/root-findings.ts';
import { expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { allVariants } from './plan.ts';

it('is blamed for nothing in the whole catalogue', { timeout: 120_000 }, async () => {
  const blamed: string[] = [];
  for (const planned of allVariants(CASES)) {
    const { findings } = await playVariant(sampleDriver({ habits: ['unmaps-lazily'] }), planned);
    blamed.push(...rootsOf(findings).map(({ requirement, says }) => `${planned.id}: ${requirement}: ${says}`));
  }
  expect(blamed).toEqual([]);
});

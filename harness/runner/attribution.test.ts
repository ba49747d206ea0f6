import { expect, it } from 'vitest';
import { sampleRun } from './fixtures/sample-run.ts';

it('a driver that looks at no reserved region is blamed for that alone, and not for how it reads odd property lists', async () => {
  const events = await sampleRun({ globs: ['probe/*', 'resv-mem/*', 'regressions/*'], faults: ['map-in-resv-mem'] });
  const verdicts = events.filter((event) => event.event === 'verdict');
  const broken = verdicts.flatMap(({ findings }) => findings.map(({ requirement }) => requirement));
  expect(new Set(broken)).toEqual(
    new Set(['iommu/driver/resv-mem/no-map-in-reserved', 'iommu/driver/resv-mem/unknown-subtype-as-reserved']),
  );
  const lists = verdicts.filter(({ id }) => id.startsWith('probe/list-shapes'));
  expect(lists.flatMap(({ judged }) => judged.map(({ requirement }) => requirement))).not.toContain(
    'iommu/driver/probe/no-length-from-type',
  );
});

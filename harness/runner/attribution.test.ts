import { expect, it } from 'vitest';
import type { Verb } from '../driver-contract/driver-session.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { driverClaiming } from './fixtures/claiming.ts';
import { play } from './fixtures/play.ts';

const VERBS: readonly Verb[] = ['start', 'stop', 'attach', 'detach', 'map', 'unmap', 'alloc', 'free', 'io'];

it.each([
  ['maps into every reserved region', VERBS, false],
  ['maps into every reserved region, and lists them', [...VERBS, 'regions'], true],
] as const)(
  'a driver that %s is blamed for that alone, and not for how it reads odd property lists',
  async (_, verbs, isReader) => {
    const driver = driverClaiming(sampleDriver({ faults: ['map-in-resv-mem'] }), { verbs });
    const { verdicts } = await play(driver, ['probe/*', 'resv-mem/*', 'regressions/*']);
    const broken = verdicts.flatMap(({ findings }) => findings.map(({ requirement }) => requirement));
    expect(new Set(broken)).toEqual(
      new Set(['iommu/driver/resv-mem/no-map-in-reserved', 'iommu/driver/resv-mem/unknown-subtype-as-reserved']),
    );
    const judged = verdicts.flatMap((verdict) => verdict.judged.map(({ requirement }) => requirement));
    for (const reading of [
      'iommu/driver/probe/no-length-from-type',
      'iommu/driver/probe/ignore-reserved-bits-property',
      'iommu/driver/resv-mem/ignore-reserved',
    ]) {
      expect(judged.includes(reading)).toBe(isReader);
    }
  },
);

it('a driver that takes the last capability of each type, whatever its BAR, is caught where the last one is reserved', async () => {
  const driver = sampleDriver({ faults: ['takes-last-instance', 'takes-reserved-bar'] });
  const { verdicts } = await play(driver, ['transport-pci/reserved-bar']);
  const broken = verdicts.flatMap(({ findings }) => findings.map(({ requirement }) => requirement));
  expect(broken).toContain('pci/driver/caps/ignore-reserved-bar');
});

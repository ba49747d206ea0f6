import { describe, expect, it } from 'vitest';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { syntheticRun } from '../fixtures/synthetic-run.ts';
import { variantPage } from '../html/variant-page.ts';
import type { CaseRecord, RunRecord } from '../record/model.ts';
import { variantText } from './variant-text.ts';

const only = (run: RunRecord, id: string): [CaseRecord] => {
  const record = run.cases.find(({ started }) => started.id === id);
  if (!record) throw new Error(`no ${id}`);
  return [record];
};
const run = syntheticRun();
const failing = only(run, 'map/end-above-start:equal');

describe('a variant as text', () => {
  const text = variantText(run, failing, 100);

  it('has every event, and the bytes of the evidence field by field', () => {
    expect(text.match(/^[ *][ \d]{5}\d {2}\S/gm)).toHaveLength(failing[0].trace.length);
    expect(text).toMatch(/^\* +29 {2}driver → iommu: MAP domain 1, 0x1000\.\.0x1000/m);
    expect(text).toMatch(/^ +16 {2}00 10 00 00 00 00 00 00 {2}virt_end: 0x1000$/m);
    expect(text).toContain('✗ MAP carried virt_start');
  });

  it('says what was found, and how to reproduce it', () => {
    expect(text).toMatch(/^map\/end-above-start:equal: failed\. MAP carried/);
    expect(text).toContain('  - MUST, 5.13.6.5.1: iommu/driver/map/end-above-start');
    expect(text).toContain('\n  $ viommuspec run --driver linux --seed 42 --case map/end-above-start:equal\n');
    expect(text).toContain('vfio-pci 0000:00:04.0: map failed');
  });

  it('lets nothing from outside control the terminal', () => {
    expect(variantText(hostileRun(), hostileRun().cases, 80)).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});

describe('a variant as a page', () => {
  it('has every message, and no script', () => {
    const page = variantPage(run, failing);
    expect(page).toMatch(/<tr class="wire offending fail [^>]*id="case-map\/end-above-start:equal\.event-29"/);
    expect(page).not.toContain('<script');
    expect(page).not.toContain('class="cut"');
  });
});

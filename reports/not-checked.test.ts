import { describe, expect, it } from 'vitest';
import { fixtureCase, runOf, syntheticRun } from './fixtures/synthetic-run.ts';
import { hiddenWords, notChecked } from './not-checked.ts';

describe('what was not checked', () => {
  it('stands by reason, with what it hides, the variants, and what it would take', () => {
    const [first] = notChecked(syntheticRun()).filter(({ reason }) => reason.includes('no verb'));
    expect(first).toMatchObject({
      reason: "The driver offers no verb 'faults'.",
      opener: "a shim that carries out the verb 'faults'",
      requirements: [{ row: { id: 'iommu/driver/faults/drop-nonzero-reserved' }, obligation: 'must' }],
      records: [{ started: { id: 'faults/nonzero-reserved' } }],
    });
  });

  it('is, in a run of a few cases, what no case of it is about', () => {
    const groups = notChecked(runOf([fixtureCase('a/b')]));
    expect(groups[0]).toMatchObject({
      reason: 'No case of this run is about them.',
      opener: 'a run of the whole catalogue',
    });
    expect(hiddenWords(groups.flatMap(({ requirements }) => requirements))).toBe(
      '5 MUSTs, 2 platform rules, 2 SHOULDs',
    );
  });

  it('tells a requirement that nothing judges', () => {
    const reasons = notChecked(syntheticRun()).filter(({ requirements }) =>
      requirements.some(({ row }) => row.id === 'split/driver/avail/no-decrement'),
    );
    expect(reasons.map(({ reason }) => reason)).toEqual(['No case or monitor judges them.']);
  });

  it('names each requirement once', () => {
    const ids = notChecked(syntheticRun()).flatMap(({ requirements }) => requirements.map(({ row }) => row.id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

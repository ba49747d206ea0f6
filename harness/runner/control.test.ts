import { describe, expect, it } from 'vitest';
import { type CaseResult, unplayed } from '../scoring/judge-play.ts';
import { withControl } from './control.ts';

const REQUIREMENT = 'iommu/driver/map/virt-end-gt-start';

/** A result in which the case itself judged one requirement. */
const judged = (held: boolean, more: Partial<CaseResult> = {}): CaseResult => ({
  ...unplayed({ unanswered: undefined }),
  own: {
    judged: [{ requirement: REQUIREMENT, times: 1, held }],
    findings: held
      ? []
      : [{ requirement: REQUIREMENT, keyword: 'MUST', verdict: 'fail', says: 'It is broken.', by: 'a/case' }],
  },
  ...more,
});

const NOTHING = unplayed({ unanswered: { verdict: 'untested', says: 'Nothing came.' } });

describe('a row with a named control', () => {
  const NAMED = { name: 'its control a/case:plain', isNamed: true };

  it('stands where the control has shown what is needed', () => {
    expect(withControl(judged(false), judged(true), NAMED).own.findings).toHaveLength(1);
    expect(withControl(judged(true), judged(true), NAMED).own.judged).toHaveLength(1);
  });

  it.each([
    ['broke it as well', judged(false), 'It is broken.'],
    ['judged nothing', NOTHING, 'Nothing came.'],
    ['refused on the way', judged(true, { refused: "The driver refused 'map': no." }), "The driver refused 'map': no."],
  ])('shows nothing where the driver %s in the control', (_, control, reason) => {
    for (const held of [true, false]) {
      const { own, unanswered } = withControl(judged(held), control, NAMED);
      expect(own).toEqual({ judged: [], findings: [] });
      expect(unanswered?.says).toBe(`In its control a/case:plain it is the same: ${reason}`);
    }
  });
});

describe('a row with a derived control', () => {
  const DERIVED = { name: 'an ordinary machine', isNamed: false };

  it('loses what happens in the ordinary machine as well, and keeps the rest', () => {
    expect(withControl(judged(false), judged(false), DERIVED).own.findings).toEqual([]);
    expect(withControl(judged(false), NOTHING, DERIVED).own.findings).toHaveLength(1);
  });
});

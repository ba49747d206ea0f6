import { describe, expect, it } from 'vitest';
import { Judgement } from './judgement.ts';

const MUST = 'iommu/driver/map/virt-end-gt-start';
const SHOULD = 'iommu/driver/init/probe-before-attach';

const judgement = (): Judgement => {
  const made = new Judgement();
  made.by = 'a/case';
  return made;
};

describe('a judgement', () => {
  it('passes a case whose own requirement held', () => {
    const made = judgement();
    made.check(MUST, true, 1, '');
    expect(made.verdict([MUST]).verdict).toBe('pass');
  });

  it('leaves a case untested that looked at nothing of its own, and gives the excuse', () => {
    const made = judgement();
    made.check(SHOULD, true, 1, '');
    expect(made.verdict([MUST], 'it never started')).toEqual({ verdict: 'untested', says: 'it never started' });
  });

  it('fails for a MUST, warns for a SHOULD, and the worst wins', () => {
    const made = judgement();
    made.check(SHOULD, false, 1, 'probed late');
    expect(made.verdict([SHOULD])).toEqual({ verdict: 'warn', says: 'probed late' });
    made.check(MUST, false, 2, 'end is start');
    expect(made.verdict([SHOULD])).toEqual({ verdict: 'fail', says: 'end is start' });
  });

  it('keeps one finding a requirement and judge, and counts every check', () => {
    const made = judgement();
    made.check(MUST, false, 2, 'first');
    made.check(MUST, false, 3, 'second');
    made.check(MUST, true, 4, '');
    expect(made.findings.map(({ says, at }) => ({ says, at }))).toEqual([{ says: 'first', at: 2 }]);
    expect(made.judged()).toEqual([{ requirement: MUST, times: 3, held: false }]);
  });

  it('reports what was found even if something was missing', () => {
    const made = judgement();
    made.untested('no verb bypass');
    expect(made.verdict([MUST]).verdict).toBe('untested');
    made.check(MUST, false, 1, 'broken');
    expect(made.verdict([MUST]).verdict).toBe('fail');
  });

  it('refuses a requirement that stands in no table', () => {
    expect(() => judgement().check('iommu/nothing', true, undefined, '')).toThrow(/stands in no requirement table/);
  });
});

import { describe, expect, it } from 'vitest';
import type { Finding } from '../../reports/record/model.ts';
import { verdictOf } from './verdict.ts';

const finding = (verdict: Finding['verdict'], says: string, follows?: Finding['follows']): Finding => ({
  requirement: 'iommu/prose/granule',
  keyword: verdict === 'fail' ? 'MUST' : 'SHOULD',
  verdict,
  says,
  by: 'a/case',
  ...(follows && { follows }),
});

const OPEN = { verdict: 'untested', says: 'it was refused' } as const;

describe('a verdict', () => {
  it('passes what was answered and is not broken', () => {
    expect(verdictOf({ findings: [], unanswered: undefined }).verdict).toBe('pass');
  });

  it('is the worst finding, whatever else is open', () => {
    const findings = [finding('warn', 'late'), finding('fail', 'wrong')];
    expect(verdictOf({ findings, unanswered: OPEN })).toEqual({ verdict: 'fail', says: 'wrong' });
  });

  it('leaves an open question untested', () => {
    expect(verdictOf({ findings: [], unanswered: OPEN })).toEqual(OPEN);
  });

  it('does not count the consequences of another breach', () => {
    const findings = [
      finding('fail', 'then this', { requirement: 'iommu/prose/granule', at: 3 }),
      finding('warn', 'first'),
    ];
    expect(verdictOf({ findings, unanswered: undefined })).toEqual({ verdict: 'warn', says: 'first' });
  });

  it('is an error where the harness failed', () => {
    expect(verdictOf({ error: 'broken', findings: [finding('fail', 'x')], unanswered: OPEN }).verdict).toBe('error');
  });
});

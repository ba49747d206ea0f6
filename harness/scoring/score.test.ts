import { describe, expect, it } from 'vitest';
import type { CaseJudged, RequirementRow } from '../../reports/record/model.ts';
import { scoresOf } from './score.ts';

const row = (id: string, more: Partial<RequirementRow> = {}): RequirementRow => ({
  id,
  keyword: 'MUST',
  source: 'virtio',
  section: '1',
  says: '',
  applicable: true,
  judged: true,
  ...more,
});

const verdict = (judged: CaseJudged['judged']): CaseJudged => ({
  event: 'verdict',
  id: 'a',
  verdict: 'pass',
  says: '',
  findings: [],
  judged,
  driverLog: '',
  repeat: '',
  durationMs: 0,
});

describe('scores', () => {
  it('count a requirement as held only if no case found it broken', () => {
    const scores = scoresOf(
      [row('x'), row('y'), row('z'), row('n', { applicable: false })],
      [
        verdict([
          { requirement: 'x', times: 2, held: true },
          { requirement: 'y', times: 1, held: true },
        ]),
        verdict([{ requirement: 'y', times: 1, held: false }]),
      ],
    );
    expect(scores.must).toEqual({ held: 1, exercised: 2, applicable: 3, declared: 4 });
  });

  it('keep MUST, SHOULD and implied apart', () => {
    const scores = scoresOf(
      [row('a', { keyword: 'MUST NOT' }), row('b', { keyword: 'SHOULD' }), row('c', { source: 'implied' })],
      [verdict(['a', 'b', 'c'].map((requirement) => ({ requirement, times: 1, held: true })))],
    );
    for (const score of Object.values(scores)) {
      expect(score).toEqual({ held: 1, exercised: 1, applicable: 1, declared: 1 });
    }
  });
});

import { describe, expect, it } from 'vitest';
import type { Requirement } from '../../cases/requirements/index.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import { Judgement } from './judgement.ts';

const MUST = 'iommu/driver/map/virt-end-gt-start';
const SHOULD = 'iommu/driver/init/probe-before-attach';

const judgement = (unmet?: (row: Requirement) => string | undefined): Judgement => {
  const made = new Judgement(unmet && { unmet });
  made.by = 'a/case';
  return made;
};

const wrote = (seq: number, field: string): TraceEvent => ({
  kind: 'register-write',
  device: 'iommu',
  structure: 'common',
  field,
  offset: 0,
  width: 1,
  value: 0n,
  seq,
});

const brief = ({ findings }: Judgement): unknown[] => findings.map(({ says, at, verdict }) => [verdict, says, at]);

describe('a judgement', () => {
  it('fails for a MUST and warns for a SHOULD', () => {
    const made = judgement();
    made.check(SHOULD, false, wrote(1, 'a'), 'probed late');
    made.check(MUST, false, undefined, 'end is start');
    expect(brief(made)).toEqual([
      ['warn', 'probed late', 1],
      ['fail', 'end is start', undefined],
    ]);
  });

  it('keeps one finding for each thing that is wrong, and counts every check', () => {
    const made = judgement();
    made.check(MUST, false, wrote(2, 'queue_size'), 'first');
    made.check(MUST, false, wrote(3, 'queue_size'), 'second');
    made.check(MUST, false, wrote(4, 'queue_desc'), 'another register');
    made.check(MUST, true, wrote(5, 'queue_desc'), '');
    expect(brief(made)).toEqual([
      ['fail', 'first', 2],
      ['fail', 'another register', 4],
    ]);
    expect(made.judged(made.findings)).toEqual([{ requirement: MUST, times: 4, held: false }]);
  });

  it('does not judge what cannot be told', () => {
    const made = judgement();
    made.check(MUST, undefined, wrote(1, 'a'), 'who knows');
    expect([made.findings, made.judged([])]).toEqual([[], []]);
  });

  it('does not judge what does not bind the driver, and says why', () => {
    const made = judgement(({ id }) => (id === MUST ? 'the driver does not accept it' : undefined));
    made.check(MUST, false, wrote(1, 'a'), 'broken');
    made.check(SHOULD, true, wrote(1, 'a'), '');
    expect(made.findings).toEqual([]);
    expect(made.judged([])).toEqual([{ requirement: SHOULD, times: 1, held: true }]);
    expect(made.unmet(MUST)).toBe('the driver does not accept it');
  });

  it('counts no consequence of another breach', () => {
    const made = judgement();
    made.check(MUST, false, wrote(1, 'a'), 'broken');
    const explained = made.findings.map((finding) => ({ ...finding, follows: { requirement: SHOULD, at: 0 } }));
    expect([made.judged(explained), made.judged([])]).toEqual([[], []]);
  });

  it('refuses a requirement that stands in no table', () => {
    expect(() => judgement().check('iommu/nothing', true, undefined, '')).toThrow(/stands in no requirement table/);
  });
});

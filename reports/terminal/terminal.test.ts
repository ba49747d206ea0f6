import { describe, expect, it } from 'vitest';
import type { CaseRecord } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { Progress } from './progress.ts';
import { summary } from './summary.ts';

const plain = { colour: false, width: 80 } as const;

describe('the summary', () => {
  it('puts failures first, each with its sentence, requirement, keyword, section and command', () => {
    const text = summary(syntheticRun(), plain);
    const failed = text.slice(text.indexOf('FAILED (2)'), text.indexOf('WARNED'));
    expect(failed).toContain('✗ map/end-above-start:equal');
    expect(failed).toContain('MAP carried virt_start 0x1000 and virt_end 0x1000');
    expect(failed).toContain('MUST, 5.13.6.5.1: iommu/driver/map/end-above-start');
    expect(failed).toContain('  $ viommuspec run --driver linux --seed 42 --case map/end-above-start:equal\n');
    expect(text.indexOf('FAILED (2)')).toBeLessThan(text.indexOf('score '));
  });

  it('tells a mistake once that failed many cases', () => {
    const [failing] = syntheticRun().cases.filter(({ started: { id } }) => id === 'map/end-above-start:equal');
    const again = (id: string): CaseRecord => ({ ...failing!, started: { ...failing!.started, id } });
    const text = summary(runOf(['a/1', 'a/2', 'a/3'].map(again)), plain);
    expect(text).toContain('FAILED (3)\n\n✗ a/1\n');
    expect(text).toContain('  the same in 2 more variants: a/2, a/3\n');
    expect(text).not.toContain('✗ a/2');
  });

  it('gives every score its four denominators and never blends them', () => {
    const lines = summary(syntheticRun(), plain).split('\n');
    expect(lines).toContain('score           held  exercised applicable   declared');
    expect(lines).toContain('MUST              78         80         95        141');
    expect(lines).toContain('SHOULD            30         32         40         44');
    expect(lines).toContain('implied           20         21         28         30');
  });

  it('names what untested cases miss, and why a failure was expected', () => {
    const text = summary(syntheticRun(), { ...plain, width: 120 });
    expect(text).toContain("? faults/nonzero-reserved: The driver offers no verb 'faults'.");
    expect(text).toContain('≈ free/unmapped-at-once: lazy unmapping is on in this kernel https://example.org/issues/7');
  });

  it('names the three slowest cases', () => {
    expect(summary(syntheticRun(), { ...plain, width: 200 })).toContain(
      'slowest:\n   2.41 s  robustness/unknown-status\n   310 ms  map/many-rounds\n    91 ms  map/end-above-start:equal\n',
    );
  });

  it('ends with what to do next, as commands to copy', () => {
    const cases = syntheticRun().cases.filter(({ judgement }) => judgement?.verdict !== 'error');
    expect(summary(runOf(cases), plain)).toContain(
      'Next: repeat the first failure, and read what is demanded.\n' +
        '  $ viommuspec run --driver linux --seed 42 --case map/end-above-start:equal\n' +
        '  $ npx viommuspec explain map/end-above-start\n',
    );
  });

  it('keeps every line but commands and paths within 60 columns', () => {
    const lines = summary(syntheticRun(), { colour: false, width: 60, reportPath: 'out/report.html' }).split('\n');
    expect(lines.filter((line) => line.length > 60 && !line.startsWith('  $ '))).toEqual([]);
  });

  it('says INCOMPLETE for a log without a footer, and gives no score', () => {
    const text = summary(cutRun(), plain);
    expect(text).toContain('INCOMPLETE. The log has no end: the run was cut off after 4 variants.');
    expect(text).toContain('… map/never-judged');
    expect(text).not.toContain('score ');
  });

  it('says INCOMPLETE for an interrupted run and names what never started', () => {
    const text = summary(runOf([fixtureCase('a/b')], { interrupted: true, notRun: ['c/d'], exitCode: 130 }), plain);
    expect(text).toContain('INCOMPLETE. The run was interrupted');
    expect(text).toContain('never started: c/d');
  });

  it('shows a stale expectation although every case passed', () => {
    const stale = 'The expectation map/* (line 3) is stale: nothing it names failed.';
    const text = summary(runOf([fixtureCase('a/b')], { surprises: [stale], exitCode: 1 }), plain);
    expect(text).toContain(`EXPECTATIONS\n  ${stale}`);
    expect(text).toContain('Next: correct the list of expected failures.');
  });

  it('lets nothing from outside control the terminal', () => {
    expect(summary(hostileRun(), plain)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it('praises only a run that is complete and clean', () => {
    expect(summary(runOf([fixtureCase('a/b')]), plain)).toContain('The driver broke no MUST in 1 variant.');
    expect(summary(runOf([]), plain)).toContain('No case was run.');
  });
});

function progress(isTty: boolean, total: number): { progress: Progress; written: string[] } {
  const written: string[] = [];
  return { progress: new Progress(total, { isTty, columns: 30, write: (text) => void written.push(text) }), written };
}

describe('progress', () => {
  it('redraws one line on a terminal, cut to its width', () => {
    const { progress: line, written } = progress(true, 3);
    line.caseStarted('map/a-name-that-is-longer-than-the-terminal');
    line.caseJudged({ id: 'map/a', verdict: 'pass', says: '' });
    line.end();
    expect(written).toEqual(['\r\u001b[2K0/3  map/a-name-that-is-long…', '\r\u001b[2K1/3', '\r\u001b[2K']);
  });

  it('keeps failures on the screen', () => {
    const { progress: line, written } = progress(true, 2);
    line.caseJudged({ id: 'map/a', verdict: 'fail', says: 'Wrong\u001b[2J.' });
    expect(written).toEqual(['\r\u001b[2K✗ map/a: Wrong␛[2J.\n', '\r\u001b[2K1/2, 1 failed']);
  });

  it('says nothing of a failure that is expected', () => {
    const { progress: line, written } = progress(true, 2);
    line.caseJudged({ id: 'map/a', verdict: 'fail', says: 'Wrong.', expected: { reason: 'known' } });
    expect(written).toEqual(['\r\u001b[2K1/2']);
  });

  it('writes plain lines, a tenth of the run apart, elsewhere', () => {
    const { progress: line, written } = progress(false, 40);
    for (let index = 0; index < 40; index++) {
      line.caseStarted(`map/${index}`);
      line.caseJudged({ id: `map/${index}`, verdict: 'pass', says: '' });
    }
    line.end();
    expect(written).toHaveLength(10);
    expect(written.at(-1)).toBe('40/40\n');
  });
});

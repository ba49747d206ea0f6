import { describe, expect, it } from 'vitest';
import type { CaseRecord, RunRecord } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { Progress } from './progress.ts';
import { summary } from './summary.ts';

const plain = { colour: false, width: 80 } as const;

const untested = (): CaseRecord => fixtureCase('a/untested', { verdict: 'untested', judged: [] });
const nine = (): CaseRecord[] => Array.from({ length: 9 }, (_, index) => fixtureCase(`a/${index}`));
const expectedFailure = (): CaseRecord => fixtureCase('a/known', { verdict: 'fail', expected: { reason: 'known' } });
const expectedCrash = (): CaseRecord =>
  fixtureCase('a/crash', {
    verdict: 'fail',
    expected: { reason: 'known' },
    findings: [
      {
        requirement: 'platform/robustness/survives',
        keyword: 'MUST',
        verdict: 'fail',
        says: 'It panicked.',
        by: 'a/crash',
      },
    ],
  });
const withHeader = (run: RunRecord, header: Partial<RunRecord['header']>): RunRecord => ({
  ...run,
  header: { ...run.header, ...header },
});
const ofCommand = (run: RunRecord, command: string): RunRecord => withHeader(run, { command });
const ofShard = (run: RunRecord): RunRecord => withHeader(run, { shard: { index: 1, count: 2 } });

const lockdepLog = (address: string): string =>
  `[ 1.0] WARNING: inconsistent lock state\n[ 1.0] ${address}\n[ 1.0]  viommu_send_reqs_sync+0x3a/0x90 [virtio_iommu]\n[ 1.0]  </TASK>\n`;

describe('the summary', () => {
  it('puts the causes first, each with its sentence, requirement, keyword, section, evidence, bytes and command', () => {
    const text = summary(syntheticRun(), plain);
    const failed = text.slice(text.indexOf('ROOT CAUSES (5)'), text.indexOf('score '));
    expect(failed).toContain('\n    event 29, driver → iommu: MAP domain 1, 0x1000..0x1000');
    expect(failed).toContain('[03 00 00 00 01 00 00 00');
    expect(failed).toContain('MAP carried virt_start 0x1000 and virt_end 0x1000');
    expect(failed).toContain('✗ MUST, 5.13.6.5.1: iommu/driver/map/end-above-start');
    expect(failed).toContain('✗ platform rule, DMA lifetime: platform/robustness/survives');
    expect(failed).toContain('  $ viommuspec run --driver linux --seed 42 --case map/end-above-start:equal\n');
  });

  it('has every cause in a line of its own at the end, and the headline below', () => {
    const last = summary(syntheticRun(), plain).split('\n').slice(-20).join('\n');
    expect(last).toMatch(/\n✗ {3}1× MUST, 5\.13\.6\.5\.1: MAP carried/);
    expect(last).toMatch(/\n≈ {3}1× platform rule, DMA lifetime: dma wrote/);
    expect(last).toMatch(/\n! {3}1× SHOULD, 5\.13\.6\.6\.1: UNMAP/);
    expect(last.replaceAll('\n', ' ')).toContain(
      'The harness itself went wrong in 1 variant. 1 specification MUST and 2 platform rules broken, 2 SHOULDs not followed · ' +
        'the driver crashes, hangs or does not recover in 1 variant · 3 of 6 MUSTs checked, 3 not',
    );
  });

  it('tells a mistake once that failed many cases', () => {
    const [failing] = syntheticRun().cases.filter(({ started: { id } }) => id === 'map/end-above-start:equal');
    const again = (id: string): CaseRecord => ({ ...failing!, started: { ...failing!.started, id } });
    const text = summary(runOf(['a/1', 'a/2', 'a/3'].map(again)), plain);
    expect(text.match(/✗ MUST, 5\.13\.6\.5\.1/g)).toHaveLength(1);
    expect(text).toContain('  the same in 2 more variants: a/2, a/3\n');
  });

  it('gives every score its four denominators and never blends them', () => {
    const lines = summary(syntheticRun(), plain).split('\n');
    expect(lines).toContain('score           held  exercised applicable   declared');
    expect(lines).toContain('MUST              78         80         95        141');
    expect(lines).toContain('SHOULD            30         32         40         44');
    expect(lines).toContain('platform          20         21         28         30');
  });

  it('says what was not checked and what it would take, and why a failure was expected', () => {
    const text = summary(syntheticRun(), { ...plain, width: 120 });
    expect(text).toContain(
      "? 1 MUST, 1 variant\n  The driver offers no verb 'faults'.\n    needs a shim that carries out the verb 'faults'\n",
    );
    expect(text).toContain('  expected: lazy unmapping is on in this kernel https://example.org/issues/7');
  });

  it('tells once what the kernel reported of itself, and where, also of a variant that passed', () => {
    const cases = ['a/1', 'a/2'].map((id) => fixtureCase(id, { driverLog: lockdepLog(`ffff888003a1c0${id.at(-1)}0`) }));
    expect(summary(runOf(cases), { ...plain, width: 200 })).toContain(
      'REPORTS OF THE KERNEL (1)\n' +
        '  a/1: lockdep: WARNING: inconsistent lock state, in the driver (viommu_send_reqs_sync [virtio_iommu])\n' +
        '  the same in 1 more variant\n',
    );
    expect(summary(syntheticRun(), plain)).toContain('REPORTS OF THE KERNEL (1)');
  });

  it('names the three slowest cases', () => {
    expect(summary(syntheticRun(), { ...plain, width: 200 })).toContain(
      'slowest:\n   2.41 s  robustness/unknown-status\n   310 ms  map/many-rounds\n    91 ms  map/end-above-start:equal\n',
    );
  });

  it('ends with what to do next, as commands to copy', () => {
    const cases = syntheticRun().cases.filter(({ judgement }) => judgement?.verdict !== 'error');
    expect(summary(runOf(cases), plain)).toContain(
      'Next: repeat the first cause, and read what is demanded.\n' +
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

  it('names 25 of those that never started, and counts the others', () => {
    const notRun = Array.from({ length: 30 }, (_, index) => `c/${index}`);
    const text = summary(runOf([fixtureCase('a/b')], { interrupted: true, notRun, exitCode: 130 }), plain);
    expect(text.match(/never started/g)).toHaveLength(25);
    expect(text).toContain('  … and 5 more; the report lists them all.');
  });

  it.each([
    [
      'nothing was exercised',
      runOf([untested()], { exitCode: 5 }),
      'choose cases that the driver can be taken through; doctor says what it lacks for the others.',
    ],
    [
      'it did not start',
      runOf([], { stopped: 'The shim ended with 1.', notRun: ['c/d'], exitCode: 4 }),
      'put right what stopped the run, and start it again.\n  $ npx viommuspec run --driver linux --seed 42\n',
    ],
    [
      'it was interrupted',
      runOf([fixtureCase('a/b')], { interrupted: true, notRun: ['c/d'], exitCode: 130 }),
      'run it to its end.\n  $ npx viommuspec run --driver linux --seed 42\n',
    ],
    [
      'a crash is expected',
      runOf([expectedCrash()], { exitCode: 0 }),
      'the driver crashes or hangs in 1 variant, as expected. Repeat the first one:\n  $ viommuspec run',
    ],
    [
      'something is untested',
      runOf([fixtureCase('a/b'), untested()]),
      'give the driver what the untested variants miss.',
    ],
    [
      'one case was chosen',
      ofCommand(runOf([fixtureCase('a/b')]), "viommuspec run --driver linux --case 'a/*' --case a/b --seed 42"),
      'run the whole catalogue.\n  $ npx viommuspec run --driver linux --seed 42\n',
    ],
    [
      'one variant of each case was chosen',
      ofCommand(runOf([fixtureCase('a/b')]), 'viommuspec run --driver linux --quick --seed 42'),
      'run the whole catalogue.\n  $ npx viommuspec run --driver linux --seed 42\n',
    ],
    ['it is a shard', ofShard(runOf([fixtureCase('a/b')])), 'put the logs of all shards together, with merge.'],
    [
      'failures are expected',
      runOf([...nine(), expectedFailure()], { exitCode: 0 }),
      'repair what fails as expected (1 variant)',
    ],
    ['all is well', runOf(nine()), 'add this run to CI.'],
  ])('says what to do next when %s', (_situation, run, next) => {
    const text = summary(run, { ...plain, width: 200 });
    expect(text.slice(text.indexOf('Next: '))).toContain(`Next: ${next}`);
  });

  it('counts as judged what was judged', () => {
    expect(summary(runOf([fixtureCase('a/b'), untested()]), plain)).toContain(
      'no specification MUST or platform rule broken · 1 of 6 MUSTs checked, 5 not',
    );
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
    expect(summary(runOf([fixtureCase('a/b')]), plain)).toContain('no specification MUST or platform rule broken');
    expect(summary(runOf([]), plain)).toContain('Nothing was run.');
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

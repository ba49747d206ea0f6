import { describe, expect, it } from 'vitest';
import type { CaseJudged } from '../../reports/record/model.ts';
import { updatedExpectations } from './expectation-update.ts';
import { ExpectationBook, inCatalogue, parseExpectations } from './expectations.ts';

const RUN = { profile: 'spec', version: '6.12.1' } as const;
const CATALOGUE = ['a/b', 'a/c', 'd/e'];

/** A case in which each of `broken` was found broken; none means that it passed. */
function judged(id: string, broken: readonly string[], says = 'It is wrong.'): CaseJudged {
  return {
    event: 'verdict',
    id,
    verdict: broken.length > 0 ? 'fail' : 'pass',
    says,
    findings: broken.map((requirement) => ({ requirement, keyword: 'MUST', verdict: 'fail', says, by: id })),
    judged: [],
    driverLog: '',
    repeat: '',
    durationMs: 1,
  };
}

const after = (text: string, ...cases: CaseJudged[]): string =>
  updatedExpectations(text, 'list', cases, CATALOGUE, RUN).text;

describe('a list of expected failures that a run updates', () => {
  it('stays as it is, to the byte, if nothing has changed', () => {
    const text = '# Ours.\n\n# Why.\na/*@x  known   since 6.1  https://example.org/1\n\n\n# Another.\nd/e  odd\n';
    expect(after(text, judged('a/b', ['x']), judged('d/e', ['y']))).toBe(text);
  });

  it('gains a line for each failure that no entry covers, with the sentence as its reason', () => {
    const text = after('a/b@x  known\n', judged('a/b', ['x', 'y']), judged('a/c', ['x'], 'Seen 3,\n allowed 2.'));
    expect(text).toBe('a/b@x  known\n\na/b@y  new: It is wrong.\na/c@x  new: Seen 3, allowed 2.\n');
  });

  it('loses stale and unmatched entries, and the comments that stood above them only', () => {
    const text = [
      '# The head stays.',
      '',
      '# Gone with its entry.',
      'a/b  mended',
      '',
      '# Stays for the second entry.',
      'a/c  mended',
      'd/e  still wrong',
      '# Gone too.',
      'nowhere/*  removed',
      '',
    ].join('\n');
    expect(after(text, judged('a/b', []), judged('a/c', []), judged('d/e', ['x']))).toBe(
      '# The head stays.\n\n# Stays for the second entry.\nd/e  still wrong\n',
    );
  });

  it('keeps what is about another device profile, and says of which profile it is', () => {
    const text = 'a/b  profile=qemu  odd\na/c  profile=kvmtool  mended\n';
    const { text: updated } = updatedExpectations(text, 'list', [judged('a/b', ['x']), judged('a/c', [])], CATALOGUE, {
      profile: 'kvmtool',
      version: '1',
    });
    expect(updated).toBe('a/b  profile=qemu  odd\n\na/b@x  profile=kvmtool  new: It is wrong.\n');
  });

  it('keeps entries of cases that were not run, or that the harness could not judge', () => {
    const text = 'a/b  known\na/*  known of both\nd/e  known\n';
    expect(after(text, judged('a/c', []), { ...judged('d/e', []), verdict: 'error' })).toBe(text);
  });

  it('begins with a line that says how entries look, if there was no list', () => {
    expect(after('', judged('a/b', ['x']))).toMatch(/^# Expected failures: .*\n\na\/b@x {2}new: It is wrong\.\n$/);
  });

  it('expects no SHOULD, which never fails a run', () => {
    const warned = judged('a/b', ['x']);
    const findings = warned.findings.map((finding) => ({ ...finding, verdict: 'warn' as const }));
    expect(updatedExpectations('', 'list', [{ ...warned, findings }], CATALOGUE, RUN).addedCount).toBe(0);
  });

  it.each(['a sentence that ends in https://example.org', '', `long ${'word '.repeat(200)}`, 'x\r\ny\u2028z'])(
    'can be read again, and then covers the run, whatever the sentence is: %j',
    (says) => {
      const run = judged('a/b', ['x', 'y'], says);
      const entries = parseExpectations(after('', run), 'list');
      expect(entries.every(({ link }) => link === undefined)).toBe(true);
      expect(new ExpectationBook(inCatalogue(entries, [])).cover(run)).toBeDefined();
    },
  );

  it('counts what it added and dropped', () => {
    const update = updatedExpectations(
      'a/b  why\n',
      'list',
      [judged('a/b', []), judged('a/c', ['x', 'y'])],
      CATALOGUE,
      RUN,
    );
    expect(update).toMatchObject({ addedCount: 2, droppedCount: 1 });
  });
});

import { describe, expect, it } from 'vitest';
import type { Finding, Verdict } from '../../reports/record/model.ts';
import { ExpectationBook, inCatalogue, matchesGlob, meantFor, parseExpectations } from './expectations.ts';

const finding = (requirement: string, verdict: 'fail' | 'warn' = 'fail'): Finding => ({
  requirement,
  keyword: verdict === 'fail' ? 'MUST' : 'SHOULD',
  verdict,
  says: 'it did not',
  by: 'a/b',
});

const judged = (id: string, findings: Finding[], verdict: Verdict = findings.length > 0 ? 'fail' : 'pass') => ({
  id,
  verdict,
  findings,
});

const bookOf = (list: string): ExpectationBook =>
  new ExpectationBook(inCatalogue(parseExpectations(list, 'list'), ['a/b', 'c/d']));

describe('the list of expected failures', () => {
  it('reads pattern, reason and link', () => {
    expect(parseExpectations('# why\n\n a/*@iommu/*  known since 6.1  https://example.org/1\n', 'list')).toEqual([
      {
        cases: 'a/*',
        requirements: 'iommu/*',
        versions: [],
        reason: 'known since 6.1',
        link: 'https://example.org/1',
        line: 3,
      },
    ]);
  });

  it('may mean drivers by their whole version', () => {
    const entries = parseExpectations('a/b  release=*-arm64* version<7  odd\n', 'list');
    expect(entries).toMatchObject([{ release: '*-arm64*', reason: 'odd' }]);
    const isMeant = (version: string): boolean => meantFor({ profile: 'spec', version }, entries).length > 0;
    expect(['6.12.1-arm64', '6.12.1-cloud-arm64 with module 1', '6.12.1-amd64', '7.3-arm64'].map(isMeant)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('may mean runs with one device profile only', () => {
    const entries = parseExpectations('a/b  profile=qemu  odd\nc/d  odd\n', 'list');
    expect(entries[0]).toEqual({
      cases: 'a/b',
      requirements: '*',
      profile: 'qemu',
      versions: [],
      reason: 'odd',
      line: 1,
    });
    expect(meantFor({ profile: 'qemu', version: '1' }, entries)).toEqual(entries);
    expect(meantFor({ profile: 'spec', version: '1' }, entries)).toEqual(entries.slice(1));
    expect(() => parseExpectations('a/b  profile=quemu  odd\n', 'list')).toThrow(
      /list, line 1: there is no profile 'quemu'; it can be spec, /,
    );
  });

  it('leaves out what is said of other versions of the driver', () => {
    const entries = parseExpectations('a/b  version>=6.16 version<7.4  odd\nc/d  odd\n', 'list');
    const linesFor = (version: string): number[] => meantFor({ profile: 'spec', version }, entries).map((e) => e.line);
    expect([linesFor('6.12.107'), linesFor('7.3.4+deb13'), linesFor('7.4')]).toEqual([[2], [1, 2], [2]]);
    expect(() => parseExpectations('a/b  version>=seven  odd\n', 'list')).toThrow(
      "list, line 1: 'version>=seven' is no condition on the driver's version; one looks like version>=6.16.",
    );
  });

  it('demands a reason and names the line', () => {
    expect(() => parseExpectations('a/b\n', 'list')).toThrow(/list, line 1: 'a\/b' has no reason/);
    expect(() => parseExpectations('a@b@c why\n', 'list')).toThrow(/list, line 1: 'a@b@c' is not <case glob>/);
  });

  it('covers a failing case only if every failing finding is covered', () => {
    const book = bookOf('a/*@iommu/x why');
    expect(book.cover(judged('a/b', [finding('iommu/x'), finding('iommu/y')]))).toBeUndefined();
    expect(book.cover(judged('a/b', [finding('iommu/x'), finding('iommu/z', 'warn')]))?.reason).toBe('why');
  });

  it('complains of stale and of unmatched entries, not of cases that were not run', () => {
    const book = bookOf('a/b why\nc/d why\nnowhere why');
    book.cover(judged('a/b', []));
    expect(book.complaints()).toEqual([
      'The expectation a/b (line 1) is stale: nothing it names failed.',
      'The expectation nowhere (line 3) matches no case.',
    ]);
  });

  it('calls nothing stale of which a case is still to be run', () => {
    const book = bookOf('* why');
    book.cover(judged('a/b', []));
    expect(book.complaints()).toEqual([]);
    book.cover(judged('c/d', []));
    expect(book.complaints()).toHaveLength(1);
  });
});

describe('an expectation of which nothing could be judged', () => {
  it('is not stale, unless something else of it was judged', () => {
    const book = bookOf('* why');
    book.cover(judged('a/b', [], 'untested'));
    book.cover(judged('c/d', [], 'not-applicable'));
    expect(book.complaints()).toEqual([]);
    book.cover(judged('a/b', []));
    expect(book.complaints()).toHaveLength(1);
  });
});

describe('globs', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/bc', false],
    ['a/*', 'a/b:x', true],
    ['*x', 'a/b:x', true],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'a1c2b', false],
    ['ab*b', 'ab', false],
  ])('%s on %s is %s', (glob, text, matches) => {
    expect(matchesGlob(glob, text)).toBe(matches);
  });
});

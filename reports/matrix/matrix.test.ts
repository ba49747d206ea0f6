import { describe, expect, it } from 'vitest';
import { cutRun, fixtureCase, runOf } from '../fixtures/synthetic-run.ts';
import { matrixMarkdown } from './matrix-markdown.ts';
import { matrixOf } from './matrix.ts';
import { matrixText } from './matrix-text.ts';

const strict = runOf([fixtureCase('a/b'), fixtureCase('a/c'), fixtureCase('d/e', { verdict: 'fail' })]);
const lazy = runOf([fixtureCase('a/b'), fixtureCase('a/c', { verdict: 'untested' })]);
const matrix = matrixOf([
  { name: 'strict', run: strict },
  { name: 'lazy', run: lazy },
]);

describe('a matrix of runs', () => {
  it('has the variants that differ or fail, and counts the rest', () => {
    expect(matrix.rows).toEqual([
      { id: 'a/c', cells: ['pass', 'untested'] },
      { id: 'd/e', cells: ['fail', 'absent'] },
    ]);
    expect(matrix.sameCount).toBe(1);
  });

  it('has what fails everywhere', () => {
    const both = [strict, strict].map((run, index) => ({ name: String(index), run }));
    expect(matrixOf(both).rows.map(({ id }) => id)).toEqual(['d/e']);
  });

  it('shows a column for each run on a terminal, and says what its signs mean', () => {
    const lines = matrixText(matrix).split('\n');
    expect(lines[0]).toMatch(/^1 strict: linux .*MUST \d+\/\d+\/\d+\/\d+/);
    expect(lines.slice(3, 6)).toEqual(['     1  2', 'a/c  ✓  ?', 'd/e  ✗  ·']);
    expect(lines.slice(-3)).toEqual([
      '✓ passed, ? untested, ✗ failed, · not in this run',
      '1 more variant went the same everywhere.',
      '',
    ]);
  });

  it('says of a run without an end that it is incomplete', () => {
    expect(matrixText(matrixOf([{ name: 'cut', run: cutRun() }]))).toContain('INCOMPLETE');
  });

  it('names a run that did not start with the reason, and compares the others', () => {
    const stopped = runOf([], { stopped: 'There is no kernel.', notRun: ['a/b'], exitCode: 4 });
    const some = matrixOf([
      { name: 'strict', run: strict },
      { name: 'packed', run: { ...stopped, header: { ...stopped.header, requirements: [] } } },
    ]);
    expect(some.rows.map(({ id }) => id)).toEqual(['d/e']);
    for (const text of [matrixText(some), matrixMarkdown(some)]) {
      expect(text).toContain('packed is INCOMPLETE. The run did not start: There is no kernel.');
    }
  });

  it('is a table in Markdown', () => {
    expect(matrixMarkdown(matrix)).toContain('| `a/c` | ✓ | ? |');
    expect(matrixMarkdown(matrixOf([{ name: 'lazy', run: lazy }]))).toContain(
      'All 2 variants went the same everywhere.',
    );
  });
});

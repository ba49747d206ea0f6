import { Parser, type Result } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../record/model.ts';
import type { Outcome } from '../run-view.ts';
import { testPoints } from '../test-points.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, largeRun, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { readAsKunit } from '../fixtures/kunit-reader.ts';
import { ktapReport } from './ktap-report.ts';

/** Points of the top level, as any TAP reader sees them, and those nested in them, as a KTAP reader does. */
function readBack(run: RunRecord): { ok: boolean; top: Result[]; nested: Result[]; lines: string[] } {
  const text = ktapReport.render(run);
  const lines = text.trimEnd().split('\n');
  const inner = lines.filter((line) => line.startsWith('  ')).map((line) => line.slice(2));
  const [top, ok] = pointsOf(lines.filter((line) => !line.startsWith(' ')));
  // Each section is a document of its own; without its version line and plan the points of all can be read as one.
  const [nested] = pointsOf(inner.filter((line) => !/^(KTAP version 1|1\.\.\d+)$/.test(line)));
  return { ok, top, nested, lines };
}

function pointsOf(lines: readonly string[]): [Result[], boolean] {
  const points: Result[] = [];
  const parser = new Parser({});
  parser.on('assert', (point: Result) => points.push(point));
  parser.end(`${lines.join('\n')}\n`);
  return [points, parser.ok];
}

describe('the KTAP report', () => {
  const { ok, top, nested, lines } = readBack(syntheticRun());
  const named = (id: string): Result | undefined => nested.find(({ name }) => name === id);

  it('is byte for byte what stands in the golden file', async () => {
    await expect(ktapReport.render(syntheticRun())).toMatchFileSnapshot('golden.ktap');
  });

  it('nests the variants of a section in a point that fails if one of them does', () => {
    expect(ok).toBe(false);
    expect(lines[0]).toBe('KTAP version 1');
    expect(top.map(({ name, ok: good }) => [name, good])).toEqual([
      ['map', false],
      ['robustness', false],
      ['unmap', true],
      ['faults', true],
      ['free', true],
      ['probe', true],
    ]);
    expect(nested).toHaveLength(9);
  });

  it('numbers the points of each section from 1 and says how many there are', () => {
    const at = lines.indexOf('  1..4');
    expect(lines[at - 1]).toBe('  KTAP version 1');
    expect(lines.filter((line) => /^ {2}(not )?ok 4 /.test(line))).toHaveLength(1);
  });

  it('says in diagnostic lines what is broken and how to see it again', () => {
    const at = lines.findIndex((line) => line.startsWith('  not ok 3 map/end-above-start:equal'));
    expect(lines.slice(at - 4, at).join('\n')).toMatch(
      /# fail: MAP carried[\s\S]*# MUST, 5.13.6.5.1: iommu[\s\S]*# repeat: viommuspec run/,
    );
  });

  it('has an expected failure pass with XFAIL, and skips what was not played', () => {
    expect(lines.join('\n')).toContain('ok 1 free/unmapped-at-once # XFAIL lazy unmapping is on in this kernel');
    expect(named('faults/nonzero-reserved')).toMatchObject({ ok: true, skip: expect.stringContaining('untested: ') });
  });
});

describe('the KTAP report of an odd run', () => {
  it('fails a section of its own where the run is incomplete', () => {
    const { ok, lines } = readBack(cutRun());
    expect(ok).toBe(false);
    expect(lines.at(-3)).toMatch(/^ {2}not ok 1 the run as a whole # ERROR INCOMPLETE\. /);
    expect(lines.at(-2)).toMatch(/^not ok \d run$/);
  });

  it('is valid without any case', () => {
    expect(ktapReport.render(runOf([]))).toBe(
      'KTAP version 1\n1..0 # SKIP no case was run\n# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:0 error:0\n',
    );
  });

  it('passes as a whole if nothing gates the exit code', () => {
    expect(readBack(runOf([fixtureCase('a/b'), fixtureCase('c/d')])).ok).toBe(true);
  });

  it('is read back whole from a hostile run', () => {
    expect(readBack(hostileRun()).nested).toHaveLength(5);
  });
});

describe('kunit.py', () => {
  it.each([
    ['a whole run', syntheticRun(), 'pass:3 fail:2 xfail:1 xpass:0 skip:2 error:1'],
    ['a cut run', cutRun(), 'pass:2 fail:2 xfail:0 xpass:0 skip:0 error:2'],
    ['a hostile run', hostileRun(), 'pass:1 fail:1 xfail:0 xpass:0 skip:2 error:1'],
    ['a large run', largeRun(500), 'pass:450 fail:50 xfail:0 xpass:0 skip:0 error:0'],
  ] as const)('finds every variant of %s, and what kselftest would add up', (_what, run, totals) => {
    const text = ktapReport.render(run);
    const { points, errors } = readAsKunit(text);
    expect(errors).toEqual([]);
    const wanted = testPoints(run).map(({ outcome }) => KUNIT_STATUS[outcome]);
    expect(points.map(({ status }) => status).toSorted()).toEqual(wanted.toSorted());
    expect(text.split('\n').at(-2)).toContain(`# Totals: ${totals}`);
  });

  it('reads on where the last words of a kernel are quoted', () => {
    const says = 'The driver ended by itself: Kernel panic - not syncing: VFS: Unable to mount root fs.';
    const halted = fixtureCase('a/b', { verdict: 'error', says: 'reboot: System halted' });
    const { points } = readAsKunit(ktapReport.render(runOf([fixtureCase('a/a', { verdict: 'fail', says }), halted])));
    expect(points).toHaveLength(2);
  });

  it('takes no word of a driver for a directive', () => {
    const says = 'The guest said: x # SKIP y';
    const { points } = readAsKunit(ktapReport.render(runOf([fixtureCase('a/b', { verdict: 'error', says })])));
    expect(points).toEqual([{ name: 'a/b', status: 'failed' }]);
  });
});

/** What kunit.py makes of our outcomes: it knows no directive but SKIP. */
const KUNIT_STATUS: Readonly<Record<Outcome, string>> = {
  error: 'failed',
  fail: 'failed',
  unfinished: 'failed',
  expected: 'passed',
  warn: 'passed',
  pass: 'passed',
  untested: 'skipped',
  'not-applicable': 'skipped',
};

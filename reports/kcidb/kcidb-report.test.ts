import { describe, expect, it } from 'vitest';
import type { Header, RunRecord } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { checkKcidb, type KcidbTest } from '../fixtures/kcidb-schema.ts';
import { cutRun, fixtureCase, largeRun, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { kcidbReport } from './kcidb-report.ts';
import { testPaths } from './test-paths.ts';

const readBack = (run: RunRecord): ReturnType<typeof checkKcidb> => checkKcidb(kcidbReport.render(run));

const withHeader = (run: RunRecord, header: Partial<Header>): RunRecord => ({
  ...run,
  header: { ...run.header, ...header },
});

const statusOf = (tests: readonly KcidbTest[], path: string): string | undefined =>
  tests.find((test) => test.path === path)?.status;

describe('the KCIDB report', () => {
  const { tests, builds, checkouts, issues, incidents } = readBack(syntheticRun());

  it('is byte for byte what stands in the golden file', async () => {
    await expect(kcidbReport.render(syntheticRun())).toMatchFileSnapshot('golden-kcidb.json');
  });

  it('gives every variant a path and a status', () => {
    expect(tests.map(({ path, status }) => [path, status])).toEqual([
      ['viommuspec.map.exact-range.4k', 'PASS'],
      ['viommuspec.map.exact-range.64k', 'PASS'],
      ['viommuspec.map.end-above-start.equal', 'FAIL'],
      ['viommuspec.robustness.unknown-status', 'FAIL'],
      ['viommuspec.unmap.covers-a-mapping', 'PASS'],
      ['viommuspec.faults.nonzero-reserved', 'MISS'],
      ['viommuspec.free.unmapped-at-once', 'FAIL'],
      ['viommuspec.probe.buffer-size', 'SKIP'],
      ['viommuspec.map.many-rounds', 'ERROR'],
    ]);
  });

  it('shows what is broken with its bytes, and the end of the driver log', () => {
    const excerpt = tests.find(({ path }) => path === 'viommuspec.map.end-above-start.equal')?.log_excerpt;
    expect(excerpt).toContain('MUST, 5.13.6.5.1: iommu/driver/map/end-above-start: MAP carried virt_start 0x1000');
    expect(excerpt).toContain('03000000 01000000 00100000 00000000');
    expect(excerpt).toContain('vfio-pci 0000:00:04.0: map failed');
  });

  it('ties an expected failure to the issue that the list of expected failures names', () => {
    expect(issues).toMatchObject([
      { comment: 'lazy unmapping is on in this kernel', report_url: 'https://example.org/issues/7' },
    ]);
    const failed = tests.find(({ path }) => path === 'viommuspec.free.unmapped-at-once');
    expect(incidents).toMatchObject([{ test_id: failed?.id, issue_id: issues[0]?.id, present: true }]);
  });

  it('stands in for a build of which nothing is known but the driver', () => {
    const comment = 'linux 6.12.43-cloud-amd64';
    expect(builds).toEqual([
      {
        id: 'viommuspec:linux-6.12.43-cloud-amd64',
        checkout_id: 'viommuspec:linux-6.12.43-cloud-amd64',
        origin: 'viommuspec',
        comment,
      },
    ]);
    expect(checkouts).toMatchObject([{ comment }]);
  });

  it('leaves a build that the database knows to those who have made it', () => {
    const named = readBack(withHeader(syntheticRun(), { kcidb: { origin: 'mylab', build: 'maestro:67c1e9' } }));
    expect([named.builds, named.checkouts]).toEqual([[], []]);
    expect(named.tests).toHaveLength(9);
    for (const test of named.tests) {
      expect(test).toMatchObject({ origin: 'mylab', build_id: 'maestro:67c1e9', id: expect.stringMatching(/^mylab:/) });
    }
    expect(named.issues[0]?.id).toMatch(/^mylab:expected-/);
  });

  it('gives another run other ids and the same paths', () => {
    const again = readBack(withHeader(syntheticRun(), { startedAt: '2026-02-01T00:00:00Z' })).tests;
    expect(again.map(({ path }) => path)).toEqual(tests.map(({ path }) => path));
    expect(again.filter(({ id }) => tests.some((test) => test.id === id))).toEqual([]);
  });
});

describe('the KCIDB report of an odd run', () => {
  it.each([
    ['hostile', hostileRun(), 5],
    ['empty', runOf([]), 0],
    ['cut off', cutRun(), 6],
    ['large', largeRun(300), 300],
    ['one with a plan', runOf([fixtureCase('a/b')], { notRun: ['c/d'], exitCode: 6 }), 3],
  ] as const)('is what the database takes: %s', (_what, run, count) => {
    const { tests } = readBack(run);
    expect(tests).toHaveLength(count);
    expect(new Set(tests.map(({ path }) => path)).size).toBe(count);
  });

  it.each([
    ['incomplete', cutRun(), 'MISS'],
    ['without anything exercised', runOf([fixtureCase('a/b', { verdict: 'untested' })], { exitCode: 5 }), 'MISS'],
    ['with a stale expectation', runOf([fixtureCase('a/b')], { exitCode: 1, surprises: ['Stale.'] }), 'ERROR'],
  ] as const)('never calls the driver faulty for a run that is %s', (_what, run, status) => {
    expect(statusOf(readBack(run).tests, 'viommuspec')).toBe(status);
  });

  it('keeps within what the database takes of a log', () => {
    const driverLog = '😀'.repeat(50_000);
    const findings = Array.from({ length: 40 }, (_, at) => ({
      requirement: `a/${at}`,
      keyword: 'MUST' as const,
      verdict: 'fail' as const,
      says: 'x'.repeat(5000),
      by: 'x',
    }));
    const { tests } = readBack(runOf([fixtureCase('a/b', { verdict: 'fail', findings, driverLog })]));
    expect(tests[0]?.log_excerpt?.length).toBeGreaterThan(16_000);
  });

  it('names no link that is none', () => {
    const expected = { reason: 'known', link: 'javascript:alert(1)' };
    expect(readBack(runOf([fixtureCase('a/b', { verdict: 'fail', expected })])).issues[0]).not.toHaveProperty(
      'report_url',
    );
  });
});

describe('paths', () => {
  it('hold letters, digits, dashes and dots only, and are there once', () => {
    expect(testPaths(['dma/after-unmap:two-pages', 'a/b c', 'a/b:c', 'a/b/c', '', '/', '..', 'ä'])).toEqual([
      'viommuspec.dma.after-unmap.two-pages',
      'viommuspec.a.b_c',
      'viommuspec.a.b.c',
      'viommuspec.a.b.c_2',
      'viommuspec',
      'viommuspec._._',
      'viommuspec.__',
      'viommuspec._',
    ]);
  });
});

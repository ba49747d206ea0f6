import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parseV2 } from 'test-results-parser';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunRecord } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { junitReport } from './junit-report.ts';

/**
 * What Jenkins' schema allows (its xunit plugin's junit-10.xsd): no element and no attribute beside these. Properties of a
 * test case, which pytest and Surefire write and Jenkins' step `junit` keeps, are the one thing beyond it.
 */
const Seconds = z.string().regex(/^\d+\.\d{3}$/);
const Text = z.string();
const Result = z.strictObject({ '@type': Text.optional(), '@message': Text, '#text': Text.optional() });
const Property = z.strictObject({ '@name': Text, '@value': Text });
const ReadTestCase = z.strictObject({
  '@classname': Text,
  '@name': Text,
  '@time': z.string().regex(/^\d+\.\d{6}$/),
  properties: z.strictObject({ property: z.array(Property) }).optional(),
  failure: Result.optional(),
  error: Result.optional(),
  skipped: Result.optional(),
  'system-out': Text.optional(),
  'system-err': Text.optional(),
});
const ReadSuite = z.strictObject({
  '@name': Text,
  '@time': Seconds,
  '@tests': z.coerce.number(),
  '@failures': z.coerce.number(),
  '@errors': z.coerce.number(),
  '@skipped': z.coerce.number(),
  '@timestamp': Text.optional(),
  properties: z.strictObject({ property: z.array(Property) }),
  testcase: z.array(ReadTestCase),
});
const Document = z.strictObject({
  '?xml': z.unknown(),
  testsuites: z.strictObject({ '@name': Text, '@time': Seconds, testsuite: z.array(ReadSuite).default([]) }),
});
type ReadTestCase = z.infer<typeof ReadTestCase>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'property'].includes(name),
});

function readBack(run: RunRecord): z.infer<typeof Document>['testsuites'] {
  const xml = junitReport.render(run);
  expect(XMLValidator.validate(xml)).toBe(true);
  return Document.parse(parser.parse(xml)).testsuites;
}

function countersOf(cases: readonly ReadTestCase[]): Readonly<Record<string, number>> {
  return {
    '@tests': cases.length,
    '@failures': cases.filter(({ failure }) => failure).length,
    '@errors': cases.filter(({ error }) => error).length,
    '@skipped': cases.filter(({ skipped }) => skipped).length,
  };
}

const allCounters = ({ testsuite }: ReturnType<typeof readBack>): ReturnType<typeof countersOf> =>
  countersOf(testsuite.flatMap(({ testcase }) => testcase));

describe('the JUnit report', () => {
  const document = readBack(syntheticRun());
  const cases = document.testsuite.flatMap(({ testcase }) => testcase);
  const named = (id: string): ReadTestCase | undefined => cases.find((c) => c['@name'].startsWith(id));

  it('is byte for byte what stands in the golden file', async () => {
    await expect(junitReport.render(syntheticRun())).toMatchFileSnapshot('golden-junit.xml');
  });

  it('counts exactly in every suite', () => {
    for (const suite of document.testsuite) expect(suite).toMatchObject(countersOf(suite.testcase));
    expect(countersOf(cases)).toEqual({ '@tests': 9, '@failures': 2, '@errors': 1, '@skipped': 3 });
  });

  it('gives a failure its keyword as type, and its message as attribute and in the text', () => {
    const says = 'MAP carried virt_start 0x1000 and virt_end 0x1000; virt_end has to lie above virt_start.';
    const failure = named('map/end-above-start:equal')?.failure;
    expect(failure).toMatchObject({ '@type': 'MUST', '@message': says });
    expect(failure?.['#text']).toContain(says);
    expect(failure?.['#text']).toContain(
      'repeat: viommuspec run --driver linux --seed 42 --case map/end-above-start:equal',
    );
  });

  it('names a test case by its id alone, and says the rest in properties', () => {
    const broken = cases.find((c) => c['@name'] === 'map/end-above-start:equal');
    const properties = broken?.properties?.property.map((it) => [it['@name'], it['@value']]);
    expect(Object.fromEntries(properties ?? [])).toEqual({
      title: 'A driver never sends a MAP whose virt_end does not lie above virt_start.',
      requirement: 'iommu/driver/map/end-above-start',
      keyword: 'MUST',
      section: '5.13.6.5.1',
      specification: 'https://github.com/oasis-tcs/virtio-spec/blob/v1.4-cs01/device-types/iommu/description.tex#L497',
    });
  });

  it('skips what was expected to fail and what was not played, and says why', () => {
    expect(named('free/unmapped-at-once')?.skipped?.['@message']).toMatch(/^failed as expected \(lazy unmapping/);
    expect(named('faults/nonzero-reserved')?.skipped?.['@message']).toMatch(/^untested: /);
    expect(named('probe/buffer-size')?.skipped?.['@message']).toMatch(/^not applicable: /);
  });

  it('lets a warning pass with a note', () => {
    const warned = named('unmap/covers-a-mapping');
    expect(warned?.failure).toBeUndefined();
    expect(warned?.['system-out']).toContain('should cover one at least');
  });

  it('gives the time of the run in UTC without a zone', () => {
    expect(document.testsuite[0]?.['@timestamp']).toBe('2026-01-31T12:00:00');
  });
});

describe('the JUnit report of an odd run', () => {
  it('has an error for a run that was cut off, and one for the case that was under way', () => {
    const errors = readBack(cutRun()).testsuite.flatMap(({ testcase }) => testcase.flatMap(({ error }) => error ?? []));
    expect(errors.map((error) => error['@type'])).toEqual(['not-run', 'incomplete']);
  });

  it('has an error for every planned case that never started', () => {
    const read = readBack(runOf([fixtureCase('a/b')], { notRun: ['c/d'], interrupted: true, exitCode: 130 }));
    expect(allCounters(read)).toMatchObject({ '@tests': 3, '@errors': 2 });
  });

  it('is red where only the run as a whole is', () => {
    const read = readBack(runOf([fixtureCase('a/b')], { exitCode: 1, surprises: ['A stale expectation.'] }));
    expect(allCounters(read)).toMatchObject({ '@tests': 2, '@failures': 1 });
  });

  it('is valid without any case', () => {
    expect(readBack(runOf([])).testsuite).toEqual([]);
  });

  it('is read back whole from a hostile run, with unique names and no forbidden character', () => {
    const cases = readBack(hostileRun()).testsuite.flatMap(({ testcase }) => testcase);
    expect(cases).toHaveLength(5);
    expect(new Set(cases.map((c) => `${c['@classname']} ${c['@name']}`)).size).toBe(5);
    expect(junitReport.render(hostileRun())).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]|\]\]>/u);
  });

  it('numbers names that are equal once their forbidden characters are gone', () => {
    const read = readBack(runOf(['a/x\u2060', 'a/x\u2061', 'a/y'].map((id) => fixtureCase(id, { title: 'T' }))));
    expect(read.testsuite[0]?.testcase.map((c) => c['@name'])).toEqual(['a/x�', 'a/x� (2)', 'a/y']);
  });
});

describe('a reader of JUnit that others have written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'junit-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['a whole run', syntheticRun(), { passed: 3, failed: 2, errors: 1, skipped: 3 }],
    ['a cut run', cutRun(), { passed: 2, failed: 2, errors: 2, skipped: 0 }],
    ['a hostile run', hostileRun(), { passed: 1, failed: 1, errors: 1, skipped: 2 }],
    ['an empty run', runOf([]), { passed: 0, failed: 0, errors: 0, skipped: 0 }],
  ] as const)('finds every test case of %s, with its result', (_what, run, totals) => {
    const path = join(folder, 'junit.xml');
    writeFileSync(path, junitReport.render(run));
    const { result } = parseV2({ type: 'junit', files: [path] });
    expect(result).toMatchObject(totals);
    const cases = result.suites.flatMap((suite) => suite.cases);
    const count = (status: string): number => cases.filter((it) => it.status === status).length;
    const { passed, failed, errors, skipped } = totals;
    expect([count('PASS'), count('FAIL'), count('SKIP')]).toEqual([passed, failed + errors, skipped]);
    expect(cases.flatMap(({ attachments }) => attachments)).toEqual([]);
  });
});

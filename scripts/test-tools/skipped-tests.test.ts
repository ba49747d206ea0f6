import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TestModule, Vitest } from 'vitest/node';
import { readSkippedTests, SkippedTests } from './skipped-tests.ts';
import { type SearchResult, TOOL_NAMES, type ToolName } from './tool-names.ts';

const RESULTS = Object.fromEntries(
  TOOL_NAMES.map((name): [ToolName, SearchResult] => [
    name,
    name === 'iasl' ? { missing: 'No mirror.', neededFor: 'VIOT tables', packages: undefined } : { program: undefined },
  ]),
);

/** As much of a module as the reporter asks about. */
const moduleWith = (...skipped: (readonly ToolName[] | undefined)[]): TestModule =>
  ({
    project: { getProvidedContext: () => ({ testTools: RESULTS }) },
    children: { allTests: () => skipped.map((needs) => ({ meta: () => ({ needs }) })) },
  }) as unknown as TestModule;

let folder = '';
let said = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viommuspec-skipped-'));
  said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  for (const name of ['VIOMMUSPEC_SKIPPED_TESTS', 'VIOMMUSPEC_REQUIRE_LINUX']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true });
});

function report(modules: readonly TestModule[], testNamePattern?: RegExp): void {
  const reporter = new SkippedTests();
  reporter.onInit({ config: { testNamePattern } } as unknown as Vitest);
  reporter.onTestRunEnd(modules);
}

test('every skipped test of every module is in the block', () => {
  report([moduleWith(['iasl'], undefined), moduleWith(['iasl', 'cc'])]);
  expect(said).toMatch(/^SKIPPED on this machine: 3 tests\.\n\n {2}iasl {2}2 tests {2}VIOT tables\n/);
  expect(said).toContain('1 test for no missing tool');
  expect(process.exitCode).toBeUndefined();
});

test('what a filter of names leaves out is no news', () => {
  report([moduleWith(undefined, ['cc'])], /one test/);
  expect(said).toBe('');
});

test('with VIOMMUSPEC_REQUIRE_LINUX=1 the run fails', () => {
  vi.stubEnv('VIOMMUSPEC_REQUIRE_LINUX', '1');
  report([moduleWith(['iasl'])]);
  expect(process.exitCode).toBe(1);
});

test('npm test gets them by file, to say it at its end', () => {
  const file = join(folder, 'skipped');
  expect(readSkippedTests(file)).toEqual([]);
  vi.stubEnv('VIOMMUSPEC_SKIPPED_TESTS', file);
  report([moduleWith(['iasl'], undefined)]);
  expect(said).toBe('');
  expect(readSkippedTests(file)).toEqual([{ needs: ['iasl'] }, { needs: [] }]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
});

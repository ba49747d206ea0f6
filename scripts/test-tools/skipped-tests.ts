/**
 * Reports the tests that vitest skipped: on stdout after the run, or to `npm test`, which runs vitest as one of its steps and
 * ends with one block for all of them.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import './needs.ts';
import { missingOf } from './search.ts';
import { type Skipped, skippedSummary } from './skipped-summary.ts';
import type { ToolName } from './tool-names.ts';

/** Names the file of `npm test`: a JSON array of the needed tools for each skipped test, one a line. */
export const SKIPPED_TESTS_VARIABLE = 'VIOMMUSPEC_SKIPPED_TESTS';

/** The command that fetches what can be fetched. */
const FETCH = 'npm run test-tools';

/** CI's variable: there a missing tool is a failure. */
export const isEverythingRequired = (): boolean => process.env['VIOMMUSPEC_REQUIRE_LINUX'] === '1';

/** What the runs of vitest added to the file. */
export const readSkippedTests = (file: string): Skipped[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => ({ needs: JSON.parse(line) as ToolName[] }))
    : [];

export class SkippedTests implements Reporter {
  #hasFilter = false;

  onInit(vitest: Vitest): void {
    this.#hasFilter = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = modules[0]?.project.getProvidedContext().testTools;
    if (results === undefined) return;
    const tests = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .map((test) => ({ needs: test.meta().needs ?? [] }))
      .filter(({ needs }) => !this.#hasFilter || missingOf(results, needs).length > 0);
    const file = process.env[SKIPPED_TESTS_VARIABLE];
    if (file !== undefined) {
      for (const { needs } of tests) appendFileSync(file, `${JSON.stringify(needs)}\n`);
      return;
    }
    process.stdout.write(skippedSummary(results, { tests, steps: [] }, FETCH));
    if (isEverythingRequired() && tests.length > 0) process.exitCode = 1;
  }
}

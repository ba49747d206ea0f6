import { expect, test } from 'vitest';
import { skippedSummary } from './skipped-summary.ts';
import { type SearchResult, type SearchResults, TOOL_NAMES, type ToolName } from './tool-names.ts';

const NO_MIRROR = 'The mirror that apt is set to cannot be reached.';

function results(missing: Partial<Record<ToolName, SearchResult>>): SearchResults {
  const all = TOOL_NAMES.map((name) => [name, missing[name] ?? { program: undefined }] as const);
  return Object.fromEntries(all) as Record<ToolName, SearchResult>;
}

const MISSING = results({
  chromium: { missing: NO_MIRROR, neededFor: 'reports in a browser', packages: undefined },
  qemu: { missing: NO_MIRROR, neededFor: 'the Linux guest', packages: undefined },
  cargo: { missing: 'There is no cargo on PATH.', neededFor: 'the Rust crate', packages: 'cargo' },
  clippy: { missing: '"cargo clippy --version" fails.', neededFor: 'the Rust crate', packages: 'rust-clippy' },
});

test('says nothing where nothing was skipped', () => {
  expect(skippedSummary(MISSING, { tests: [], steps: [] }, 'npm test')).toBe('');
});

test('counts each skipped test once in all and once for each tool that it lacks, with reason and command', () => {
  const tests = [{ needs: ['chromium'] }, { needs: ['chromium'] }, { needs: ['cargo', 'clippy', 'cc'] }] as const;
  const steps = [{ name: 'npm run linux', needs: ['qemu', 'kernel'] }] as const;
  expect(skippedSummary(MISSING, { tests, steps }, 'npm run test-tools')).toBe(
    `SKIPPED on this machine: 3 tests and npm run linux.

  chromium  2 tests        reports in a browser
  qemu      npm run linux  the Linux guest

  Reason: ${NO_MIRROR}
  Get them: npm run test-tools

  cargo     1 test         the Rust crate
  clippy    1 test         the Rust crate

  Reason: There is no cargo on PATH.
          "cargo clippy --version" fails.
  Get them: apt-get install cargo rust-clippy
`,
  );
});

test('has a row for tests that lack nothing and were skipped all the same', () => {
  expect(skippedSummary(results({}), { tests: [{ needs: ['cc'] }, { needs: [] }], steps: [] }, 'x')).toBe(
    `SKIPPED on this machine: 2 tests.

  2 tests for no missing tool: by a filter of the command line, or the test itself.
`,
  );
});

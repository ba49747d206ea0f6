/**
 * `npm test`: fetches what the tests need, runs every step up to the first that fails, and ends with everything that was
 * skipped for want of a tool, which is a failure where VIOMMUSPEC_REQUIRE_LINUX=1.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../harness/temporary-folder.ts';
import { fetchCommand, fetchTools } from './test-tools/fetching.ts';
import { missingOf } from './test-tools/search.ts';
import { missingSummary, skippedSummary } from './test-tools/skipped-summary.ts';
import { isEverythingRequired, readSkippedTests, SKIPPED_TESTS_VARIABLE } from './test-tools/skipped-tests.ts';
import { LINUX_GUEST, type ToolName } from './test-tools/tool-names.ts';

/** Scripts of package.json, and the tools without which one is skipped. Tests skip themselves one by one. */
const STEPS: readonly { readonly name: string; readonly needs: readonly ToolName[] }[] = [
  { name: 'npm run check', needs: [] },
  { name: 'npm run selftest', needs: [] },
  { name: 'npm run package-check', needs: [] },
  { name: 'npm run verify', needs: [] },
  { name: 'npm run linux', needs: LINUX_GUEST },
  { name: 'npm run bisect-example', needs: [...LINUX_GUEST, 'make', 'module-build'] },
];

const FETCH = fetchCommand('npm test');
/** Why a missing tool ends the run. */
const REQUIRED = 'VIOMMUSPEC_REQUIRE_LINUX=1 makes this a failure.';
const say = (text: string): boolean => process.stdout.write(text);

interface Failure {
  readonly name: string;
  readonly status: number;
}

/** Runs the steps up to the first that fails. */
function runSteps(steps: readonly { readonly name: string }[], env: NodeJS.ProcessEnv): Failure | undefined {
  for (const { name } of steps) {
    const [program = '', ...words] = name.split(' ');
    const status = spawnSync(program, words, { stdio: 'inherit', env }).status ?? 1;
    if (status !== 0) return { name, status };
  }
  return undefined;
}

const results = await fetchTools();
if (isEverythingRequired() && missingOf(results).length > 0) {
  say(`${missingSummary(results, FETCH)}\n${REQUIRED}\n`);
  process.exit(1);
}
const folder = await makeTemporaryFolder();
try {
  const file = join(folder.path, 'skipped-tests');
  const skips = ({ needs }: (typeof STEPS)[number]): boolean => missingOf(results, needs).length > 0;
  const failure = runSteps(
    STEPS.filter((step) => !skips(step)),
    { ...process.env, [SKIPPED_TESTS_VARIABLE]: file },
  );
  const summary = skippedSummary(results, { tests: readSkippedTests(file), steps: STEPS.filter(skips) }, FETCH);
  say(summary === '' ? '' : `\n${summary}`);
  if (failure !== undefined)
    say(`\nFAILED: ${failure.name}, with exit code ${failure.status}. No step after it ran.\n`);
  else if (summary === '') say('\nEvery test passed, and none was skipped.\n');
  const isRefused = isEverythingRequired() && summary !== '';
  if (isRefused) say(`\n${REQUIRED}\n`);
  process.exitCode = failure?.status ?? (isRefused ? 1 : 0);
} finally {
  await folder.remove();
}

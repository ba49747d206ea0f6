/**
 * The Linux tier of `npm test`: scores the stock guest with the built tool, and expects what the project's own list
 * expects; then once more in another order, in which no verdict may be another. Where no guest can be had it is skipped
 * in plain sight, unless VIOMMUSPEC_REQUIRE_LINUX=1 makes that a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHANGES } from '../reports/comparison.ts';

/** The tool's exit code for a driver that did not start (harness/harness-error.ts). */
const DID_NOT_START = 4;

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-linux-tier-'));
const logOf = (round: string): string => join(folder, round, 'results.ndjson');

/** Runs the built tool; its exit code. */
function tool(...words: readonly string[]): number {
  return spawnSync('node', ['dist/harness/cli/main.js', ...words], { stdio: 'inherit' }).status ?? 1;
}

function twoRounds(): number {
  const first = tool('run', '--out', join(folder, 'first'));
  if (first !== 0) return first;
  const second = tool('run', '--shuffle', '--seed', '2', '--out', join(folder, 'second'));
  if (second !== 0) return second;
  return tool('compare', logOf('first'), logOf('second'), ...CHANGES.flatMap((change) => ['--fail-on', change]));
}

try {
  const status = twoRounds();
  if (status === DID_NOT_START && process.env['VIOMMUSPEC_REQUIRE_LINUX'] !== '1') {
    process.stdout.write('\nLINUX TIER SKIPPED: no Linux guest could be had on this machine; see the reason above.\n');
  } else {
    process.exitCode = status;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

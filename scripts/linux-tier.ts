/**
 * The Linux tier of `npm test`: scores the stock guest with the built tool, and expects what the project's own list
 * expects; then once more in another order, in which no verdict may be another.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHANGES } from '../reports/comparison.ts';

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
  process.exitCode = twoRounds();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

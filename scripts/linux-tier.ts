/**
 * The Linux tier of `npm test`: scores the stock guest with the built tool, and expects what the project's own list
 * expects. Where no guest can be had it is skipped in plain sight, unless VIOMMUSPEC_REQUIRE_LINUX=1 makes that a
 * failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The tool's exit code for a driver that did not start (harness/harness-error.ts). */
const DID_NOT_START = 4;

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-linux-tier-'));
try {
  const { status } = spawnSync('node', ['dist/harness/cli/main.js', 'run', '--out', folder], { stdio: 'inherit' });
  if (status === DID_NOT_START && process.env['VIOMMUSPEC_REQUIRE_LINUX'] !== '1') {
    process.stdout.write('\nLINUX TIER SKIPPED: no Linux guest could be had on this machine; see the reason above.\n');
  } else {
    process.exitCode = status ?? 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

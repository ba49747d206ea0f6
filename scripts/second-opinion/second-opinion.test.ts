/**
 * Asks QEMU, if there is one in the cache or on PATH. Skipped otherwise, unless VIOMMUSPEC_REQUIRE_LINUX=1 says that
 * this is a failure.
 */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Program } from '../../harness/drivers/linux-guest/debian-programs.ts';
import { anyQemu, qemuAtHand, versionOf } from './qemu-at-hand.ts';
import { isAsReviewed, reportText } from './report.ts';
import { compareDevices } from './run.ts';

const REQUIRED = process.env['VIOMMUSPEC_REQUIRE_LINUX'] === '1';
const TIMEOUT_MS = 300_000;
const QUIET = (): void => {};

let qemu: Program | undefined;

beforeAll(async () => {
  qemu = REQUIRED ? await anyQemu(QUIET) : await qemuAtHand(QUIET);
}, TIMEOUT_MS);

beforeEach((context) => {
  if (qemu === undefined) context.skip('there is no QEMU in the cache or on PATH; npm run second-opinion fetches one');
});

test("QEMU's device and ours differ as reviewed, and not otherwise", { timeout: TIMEOUT_MS }, async () => {
  const options = { seed: 1, streamCount: 3, streamLength: 200 };
  const comparison = await compareDevices(qemu!, options);
  const report = reportText(comparison, options, { version: await versionOf(qemu!), explain: false });
  expect(isAsReviewed(comparison, options), report).toBe(true);
});

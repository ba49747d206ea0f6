/** Asks QEMU. */
import { expect, test } from 'vitest';
import { needs, toolProgram } from '../test-tools/needs.ts';
import { versionOf } from './qemu-at-hand.ts';
import { isAsReviewed, reportText } from './report.ts';
import { compareDevices } from './run.ts';

const OPTIONS = { ...needs('qemu'), timeout: 300_000 };

test("QEMU's device and ours differ as reviewed, and not otherwise", OPTIONS, async () => {
  const qemu = toolProgram('qemu');
  const options = { seed: 1, streamCount: 3, streamLength: 200 };
  const comparison = await compareDevices(qemu, options);
  const report = reportText(comparison, options, { version: await versionOf(qemu), explain: false });
  expect(isAsReviewed(comparison, options), report).toBe(true);
});

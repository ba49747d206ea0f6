import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXIT } from '../../harness-error.ts';
import { findQemu, qemuVersion, whyTooOld } from './qemu.ts';

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-qemu-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fakeQemu = (name: string, script: string): string => {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
};

test('reads the version that QEMU prints', () => {
  expect(qemuVersion('QEMU emulator version 11.1.3 (Debian 1:11.1.3+ds-1)\nCopyright')).toEqual({
    major: 11,
    minor: 1,
  });
  expect(qemuVersion('bochs 2.7')).toBeUndefined();
});

test.each([
  ['QEMU emulator version 10.1.0', undefined],
  ['QEMU emulator version 11.0.0', undefined],
  ['QEMU emulator version 10.0.13', 'it is QEMU 10.0, older than 10.1'],
  ['QEMU emulator version 7.2.22', 'it is QEMU 7.2, older than 10.1'],
  ['hello', 'it is not QEMU'],
])('judges %j', (says, why) => {
  expect(whyTooOld(says)).toBe(why);
});

const TOO_OLD = fakeQemu('old', 'echo QEMU emulator version 9.2.0');
const BARE = fakeQemu('bare', '[ "$1" = --version ] && echo QEMU emulator version 10.2.0 && exit 0; exit 1');

test.each([
  [join(folder, 'nowhere'), /cannot be used: it does not start \(no such file or directory\)\.$/],
  [TOO_OLD, /cannot be used: it is QEMU 9\.2, older than 10\.1\.$/],
  [BARE, /cannot be used: it was built without vfio-user-pci\.$/],
])('refuses a QEMU of the user that is no good: %s', async (path, sentence) => {
  const finding = findQemu(path, join(folder, 'cache'), () => {});
  await expect(finding).rejects.toThrow(sentence);
  await expect(finding).rejects.toMatchObject({
    exitCode: EXIT.driverDidNotStart,
    hint: expect.stringContaining('--qemu'),
  });
});

const GOOD = fakeQemu('good', "printf 'QEMU emulator version 10.1.0\\nq35   Standard PC\\n'");

test('takes a QEMU of the user that is new enough and has the device', async () => {
  expect(await findQemu(GOOD, join(folder, 'cache'), () => {})).toEqual({ command: GOOD, args: [] });
});

test('refuses a QEMU of the user that is for another processor', async () => {
  const finding = findQemu(GOOD, join(folder, 'cache'), () => {}, { architecture: 'arm64' });
  await expect(finding).rejects.toThrow(
    `${GOOD} cannot be used: it has no machine 'virt', which a guest for arm64 takes.`,
  );
});

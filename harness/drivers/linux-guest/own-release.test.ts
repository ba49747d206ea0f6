import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { libraryPath, ownRelease, removeLibc } from './own-release.ts';

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-release-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['NAME="Debian GNU/Linux"\nVERSION_CODENAME=bookworm\nID=debian\n', 'bookworm'],
  ['ID=debian\nVERSION_CODENAME=trixie\n', 'trixie'],
  ['ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n', undefined],
  ['', undefined],
])('reads the release from %j', async (text, release) => {
  const file = join(folder, 'os-release');
  writeFileSync(file, text);
  expect(await ownRelease(file)).toBe(release);
});

test('knows no release of a machine that does not say', async () => {
  expect(await ownRelease(join(folder, 'nowhere'))).toBeUndefined();
});

test('leaves the C library to the machine, and finds the others', async () => {
  const libraries = join(folder, 'usr/lib/x86_64-linux-gnu');
  mkdirSync(libraries, { recursive: true });
  for (const name of ['libc.so.6', 'ld-linux-x86-64.so.2', 'libmpc.so.3']) writeFileSync(join(libraries, name), '');
  await removeLibc(folder);
  expect(['libc.so.6', 'ld-linux-x86-64.so.2', 'libmpc.so.3'].map((name) => existsSync(join(libraries, name)))).toEqual(
    [false, false, true],
  );
  expect(libraryPath(folder)['LD_LIBRARY_PATH']?.split(':')).toContain(libraries);
});

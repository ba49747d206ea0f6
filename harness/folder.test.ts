import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reasonOf } from '../reports/words/system-reason.ts';
import { makeFolder } from './folder.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'viommuspec-folder-test-'));
  writeFileSync(join(scratch, 'file'), '');
  symlinkSync('nowhere', join(scratch, 'dangling'));
  mkdirSync(join(scratch, 'there'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

function complaintOf(path: string): string | undefined {
  try {
    makeFolder(path);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

it.each(['there', 'a/b/c', 'a/b/d', '.'])('makes %s', (path) => {
  makeFolder(join(scratch, path));
  expect(statSync(join(scratch, path)).isDirectory()).toBe(true);
});

it.each([
  ['a file system that makes no folders', '/proc/x/y', 'no such file or directory'],
  ['a file', 'file', 'file already exists'],
  ['something below a file', 'file/x', 'not a directory'],
  ['a link that leads nowhere', 'dangling', 'file already exists'],
])('says why not, of %s', (_what, path, reason) => {
  expect(complaintOf(path.startsWith('/') ? path : join(scratch, path))).toBe(reason);
});

it('makes folders that nobody else may enter where that is asked for', () => {
  makeFolder(join(scratch, 'private/inner'), 0o700);
  expect(statSync(join(scratch, 'private')).mode & 0o777).toBe(0o700);
});

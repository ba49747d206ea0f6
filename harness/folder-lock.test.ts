import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHolder } from './fixtures/holder.ts';
import { lockFolder } from './folder-lock.ts';

let scratch: string;
beforeAll(() => (scratch = mkdtempSync(join(tmpdir(), 'folder-lock-test-'))));
afterAll(() => rmSync(scratch, { recursive: true }));

function fresh(name: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  return folder;
}

it('is held by one at a time', () => {
  const folder = fresh('one');
  const lock = lockFolder(folder);
  expect(lock).toBeDefined();
  expect(lockFolder(folder)).toBeUndefined();
  lock?.release();
  lock?.release();
  const next = lockFolder(folder);
  expect(next).toBeDefined();
  next?.release();
});

it('is given back by the kernel when its holder is killed', async () => {
  const folder = fresh('killed');
  const holder = await startHolder(folder);
  expect(lockFolder(folder)).toBeUndefined();
  await holder.kill();
  const lock = lockFolder(folder);
  expect(lock).toBeDefined();
  lock?.release();
});

it('goes with the folder and not with its name', () => {
  const folder = fresh('moved');
  const lock = lockFolder(folder);
  renameSync(folder, join(scratch, 'elsewhere'));
  mkdirSync(folder);
  const other = lockFolder(folder);
  expect(other).toBeDefined();
  for (const held of [lock, other]) held?.release();
});

it('throws for what is no folder', () => {
  expect(() => lockFolder(join(scratch, 'nowhere'))).toThrow('ENOENT');
});

import { execaSync } from 'execa';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needs, toolProgram } from '../../../scripts/test-tools/needs.ts';
import { cpioArchive } from './cpio.ts';

const field = (archive: Buffer, at: number, index: number): number =>
  Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);

/** Names with mode and data. */
function members(archive: Buffer): { path: string; mode: number; data: string; rdev: [number, number] }[] {
  const found = [];
  for (let at = 0; at < archive.length; ) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const size = field(archive, at, 6);
    const nameSize = field(archive, at, 11);
    const path = archive.toString('utf8', at + 110, at + 110 + nameSize - 1);
    const dataFrom = Math.ceil((at + 110 + nameSize) / 4) * 4;
    const data = archive.toString('utf8', dataFrom, dataFrom + size);
    const rdev: [number, number] = [field(archive, at, 9), field(archive, at, 10)];
    found.push({ path, mode: field(archive, at, 1), data, rdev });
    at = Math.ceil((dataFrom + size) / 4) * 4;
  }
  return found;
}

const ENTRIES = [
  { path: 'dev', kind: 'folder' },
  { path: 'dev/console', kind: 'character-device', major: 5, minor: 1 },
  { path: 'init', kind: 'file', data: Buffer.from('#!'), executable: true },
  { path: 'note', kind: 'file', data: Buffer.from('five!') },
] as const;

test('writes folders, devices, programs and files in the order given', () => {
  expect(members(cpioArchive(ENTRIES))).toEqual([
    { path: 'dev', mode: 0o040755, data: '', rdev: [0, 0] },
    { path: 'dev/console', mode: 0o020600, data: '', rdev: [5, 1] },
    { path: 'init', mode: 0o100755, data: '#!', rdev: [0, 0] },
    { path: 'note', mode: 0o100644, data: 'five!', rdev: [0, 0] },
    { path: 'TRAILER!!!', mode: 0, data: '', rdev: [0, 0] },
  ]);
});

test('pads every header and every content to four bytes', () => {
  expect(cpioArchive(ENTRIES).length % 4).toBe(0);
  expect(members(cpioArchive([{ path: 'a', kind: 'file', data: Buffer.from('abc') }]))[0]?.data).toBe('abc');
});

test('is understood by cpio', needs('cpio'), () => {
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-cpio-'));
  try {
    const archive = cpioArchive(ENTRIES.filter(({ kind }) => kind !== 'character-device'));
    const { command, args } = toolProgram('cpio');
    execaSync(command, [...args, '-idm', '--quiet'], { cwd: folder, input: archive });
    expect(readFileSync(join(folder, 'note'), 'utf8')).toBe('five!');
    expect(statSync(join(folder, 'init')).mode & 0o777).toBe(0o755);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GuestConsole, guestCrash } from './guest-console.ts';

let folder: string;
let file: string;
let guestConsole: GuestConsole;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viommuspec-console-'));
  file = join(folder, 'console.log');
  writeFileSync(file, '');
  guestConsole = new GuestConsole(file);
});
afterEach(() => {
  guestConsole.close();
  rmSync(folder, { recursive: true });
});

test('gives what was written since the last call', () => {
  appendFileSync(file, 'one\n');
  expect(guestConsole.take()).toBe('one\n');
  appendFileSync(file, 'two\n');
  expect(guestConsole.take()).toBe('two\n');
  expect(guestConsole.take()).toBe('');
});

test('keeps the end of a log that is too long', () => {
  appendFileSync(file, `${'x'.repeat(300_000)}\nlast words\n`);
  const log = guestConsole.take();
  expect(log).toMatch(/last words\n$/);
  expect(log.length).toBeLessThan(66_000);
});

test('finds a crash whose first line comes in two pieces, and remembers it', () => {
  appendFileSync(file, '[ 1.0] Kernel panic - not syn');
  expect(guestConsole.crash()).toBeUndefined();
  appendFileSync(file, 'cing: Fatal exception\r\nmore\n');
  expect(guestConsole.crash()).toBe("The guest's kernel crashed: Kernel panic - not syncing: Fatal exception.");
  guestConsole.take();
  expect(guestConsole.crash()).toBe("The guest's kernel crashed: Kernel panic - not syncing: Fatal exception.");
});

test.each([
  'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  'Oops: 0000 [#1] PREEMPT SMP NOPTI',
  'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100',
])('takes %j for a crash', (line) => {
  expect(guestCrash(`[    1.2] ${line}\n`)).toContain(line.slice(0, 20));
});

test.each([
  'WARNING: CPU: 0 PID: 1 at drivers/iommu/x.c:1',
  'virtio_iommu virtio0: page fault from EP 288 at 0x1000 [R]',
  '',
])('takes %j for life as usual', (line) => {
  expect(guestCrash(`${line}\n`)).toBeUndefined();
});

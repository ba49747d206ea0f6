import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GuestConsole, guestTrouble } from './guest-console.ts';

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

const PANIC = { how: 'crashed', says: "The guest's kernel crashed: Kernel panic - not syncing: Fatal exception." };

test('finds a crash whose first line comes in two pieces, and remembers it', () => {
  appendFileSync(file, '[ 1.0] Kernel panic - not syn');
  expect(guestConsole.trouble()).toBeUndefined();
  appendFileSync(file, 'cing: Fatal exception\r\nmore\n');
  expect(guestConsole.trouble()).toEqual(PANIC);
  guestConsole.take();
  expect(guestConsole.trouble()).toEqual(PANIC);
});

test('takes a crash for worse than a delay that came before it', () => {
  appendFileSync(file, '[ 31.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [swapper/0:1]\n');
  expect(guestConsole.trouble()).toEqual({
    how: 'held-up',
    says: 'The guest was held up, as by a busy host: watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [swapper/0:1].',
  });
  appendFileSync(file, '[ 32.0] Kernel panic - not syncing: Fatal exception\n');
  expect(guestConsole.trouble()).toEqual(PANIC);
});

const OOPS = `[ 3.0] BUG: kernel NULL pointer dereference, address: 0000000000000008
[ 3.0] Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI
[ 3.0] RIP: 0010:WHERE+0x12/0x100
[ 3.0] Call Trace:
[ 3.0]  <TASK>
[ 3.0]  do_syscall_64+0x82/0x190
[ 3.0]  </TASK>
[ 3.0] ---[ end trace 0000000000000000 ]---
[ 3.0] Kernel panic - not syncing: Fatal exception
`;

test('says in whose code it crashed, once the backtrace is there', () => {
  const lines = OOPS.replace('WHERE', 'viommu_map_pages').split('\n');
  appendFileSync(file, `${lines.slice(0, 2).join('\n')}\n`);
  expect(guestConsole.trouble()?.how).toBe('crashed');
  appendFileSync(file, lines.slice(2).join('\n'));
  expect(guestConsole.trouble()).toEqual({
    how: 'crashed',
    says: "The guest's kernel crashed: BUG: kernel NULL pointer dereference, address: 0000000000000008, in the driver (viommu_map_pages).",
  });
});

test('tells a crash of another part of the kernel from one of the driver', () => {
  appendFileSync(file, OOPS.replace('WHERE', 'ext4_put_super'));
  const trouble = guestConsole.trouble();
  expect(trouble?.how).toBe('crashed-elsewhere');
  expect(trouble?.says).toContain(
    'in another part of the kernel: no function of the driver, of virtio or of the IOMMU',
  );
});

test('is not told by a flood behind a crash that it was somewhere else', () => {
  appendFileSync(file, OOPS.replace('WHERE', 'viommu_map_pages'));
  expect(guestConsole.trouble()?.how).toBe('crashed');
  appendFileSync(file, 'BUG: KASAN: x in ext4_put_super+0x12/0x100\n'.repeat(10_000));
  expect(guestConsole.trouble()?.says).toContain('in the driver (viommu_map_pages)');
});

/** As lines begin with more or less switched on: time, caller, level. */
const BEGINNINGS = ['', '[    1.234567] ', '[   12.345678][    T1] ', '<0>[   12.345678] '];

test.each([
  'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  'BUG: unable to handle page fault for address: ffffc90000123000',
  'BUG: KASAN: invalid-access',
  'BUG: TASK stack guard page was hit at 00000000deadbeef (stack is 00000000deadbeef..00000000deadbeef)',
  'BUG: Bad page state in process agent  pfn:01234',
  'BUG: spinlock bad magic on CPU#0, agent/1',
  'Oops: 0000 [#1] PREEMPT SMP NOPTI',
  'Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] PREEMPT SMP',
  'general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP NOPTI',
  'stack segment: 0000 [#1] PREEMPT SMP NOPTI',
  'Oops: stack segment: 0000 [#1] PREEMPT SMP NOPTI',
  'double fault: 0000 [#1] PREEMPT SMP NOPTI',
  'PANIC: double fault, error_code: 0x0',
  'invalid opcode: 0000 [#1] PREEMPT SMP NOPTI',
  'kernel BUG at drivers/iommu/virtio-iommu.c:123!',
  'list_del corruption, ffff888000000000->next is LIST_POISON1 (dead000000000100)',
  'list_add corruption. prev->next should be next (ffff), but was dead.',
  'refcount_t: underflow; use-after-free.',
  'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008',
  'Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP',
  'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100',
])('takes %j for a crash, however much stands before it', (line) => {
  for (const beginning of BEGINNINGS) {
    const says = `The guest's kernel crashed: ${line.replace(/\.$/, '')}.`;
    expect(guestTrouble(`before\r\n${beginning}${line}\r\nafter\n`)).toEqual({ how: 'crashed', says });
  }
});

test.each([
  'watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [kworker/0:1:20]',
  'BUG: soft lockup - CPU#0 stuck for 23s! [kworker/0:1:20]',
  'BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!',
  'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
  'rcu: INFO: rcu_sched self-detected stall on CPU',
  'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 0-.... }',
  'Kernel panic - not syncing: softlockup: hung tasks',
])('takes %j for a guest that was held up', (line) => {
  for (const beginning of BEGINNINGS) {
    const says = `The guest was held up, as by a busy host: ${line}.`;
    expect(guestTrouble(`before\r\n${beginning}${line}\r\nafter\n`)).toEqual({ how: 'held-up', says });
  }
});

test.each([
  'WARNING: CPU: 0 PID: 1 at drivers/iommu/x.c:1',
  'virtio_iommu virtio0: page fault from EP 288 at 0x1000 [R]',
  'viommu DEBUG: 3 mappings left',
  'DEBUG: 3 mappings left',
  '[Hardware BUG: 12] is worked around',
  'my_module: Oops: I did it again',
  'BUG: KCSAN: data-race in viommu_send_reqs_sync / viommu_send_reqs_sync',
  'BUG: MAX_LOCKDEP_ENTRIES too low!',
  'BUG: MAX_LOCKDEP_CHAINS too low!',
  'traps: agent[77] general protection fault ip:401234 sp:7ffd0 error:0 in agent[400000+2000]',
  'my_module: list corruption is unlikely',
  '',
])('takes %j for life as usual', (line) => {
  for (const beginning of BEGINNINGS) expect(guestTrouble(`${beginning}${line}\n`)).toBeUndefined();
});

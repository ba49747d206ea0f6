import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { type KernelReport, kernelReports, whereText } from './kernel-reports.ts';

/** Lines as the console shows them. */
const timed = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line, index) => `[   ${10 + index}.123456] ${line}`)
    .join('\n');

const TASK = ' <TASK>\n';
const BACKTRACE = `Call Trace:\n${TASK} dump_stack_lvl+0x5d/0x80`;

const only = (log: string): KernelReport => {
  const reports = kernelReports(
    `virtio_iommu virtio0: input address: 64 bits\n${timed(log)}\n[   99.000000] back to work\n`,
  );
  expect(reports).toHaveLength(1);
  return reports[0]!;
};

const KASAN = (place: string, frames: string): string => `
==================================================================
BUG: KASAN: slab-use-after-free in ${place}
Read of size 8 at addr ffff888003a1c010 by task agent/1

CPU: 0 UID: 0 PID: 1 Comm: agent Not tainted 6.12.0 #1
Hardware name: QEMU Standard PC
${BACKTRACE}
 print_report+0xc9/0x620
${frames}
 </TASK>

Allocated by task 1:
 kasan_save_stack+0x30/0x50
 __kmalloc_noprof+0x1a8/0x440

Memory state around the buggy address:
 ffff888003a1bf00: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
==================================================================
Disabling lock debugging due to kernel taint`;

test('KASAN, in the driver and elsewhere', () => {
  const own = only(
    KASAN(
      'viommu_map_pages+0x12/0x100 [virtio_iommu]',
      ' viommu_map_pages+0x12/0x100 [virtio_iommu]\n __iommu_map+0x1e/0x40',
    ),
  );
  expect(own).toEqual({
    kind: 'KASAN',
    says: 'BUG: KASAN: slab-use-after-free in viommu_map_pages+0x12/0x100 [virtio_iommu]',
    isCrash: true,
    part: 'driver',
    by: 'viommu_map_pages [virtio_iommu]',
  });
  const other = only(
    KASAN('ext4_put_super+0x12/0x100', ' ext4_put_super+0x12/0x100\n ? viommu_map_pages+0x12/0x100 [virtio_iommu]'),
  );
  expect(other).toMatchObject({ kind: 'KASAN', part: 'elsewhere' });
  expect(whereText(other)).toContain('no function of the driver');
});

test('what a module frees is its own, whoever stumbles over it', () => {
  const freed = KASAN('kmem_cache_free+0x12/0x100', ' kmem_cache_free+0x12/0x100').replace(
    ' __kmalloc_noprof+0x1a8/0x440',
    ' viommu_domain_free+0x20/0x40 [virtio_iommu 0123456789abcdef]',
  );
  expect(only(freed)).toMatchObject({ part: 'driver', by: 'viommu_domain_free [virtio_iommu]' });
});

test('UBSAN', () => {
  const report = only(`
------------[ cut here ]------------
UBSAN: array-index-out-of-bounds in drivers/virtio/virtio_ring.c:812:15
index 64 is out of range for type 'vring_desc_state_split [*]'
CPU: 0 UID: 0 PID: 31 Comm: kworker/0:2 Not tainted 6.12.0 #1
${BACKTRACE}
 __ubsan_handle_out_of_bounds+0xc7/0x110
 virtqueue_get_buf_ctx+0x2a1/0x330 [virtio_ring]
 hwrng_fillfn+0xa9/0x1e0
 </TASK>
---[ end trace ]---`);
  expect(report).toMatchObject({
    kind: 'UBSAN',
    isCrash: false,
    part: 'virtio',
    by: 'virtqueue_get_buf_ctx [virtio_ring]',
  });
});

test.each([
  ['lockdep', 'WARNING: possible circular locking dependency detected'],
  ['lockdep', 'WARNING: possible recursive locking detected'],
  ['lockdep', 'WARNING: possible irq lock inversion dependency detected'],
  ['lockdep', 'WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected'],
  ['lockdep', 'WARNING: inconsistent lock state'],
  ['lockdep', 'WARNING: bad unlock balance detected!'],
  ['lockdep', 'WARNING: agent/1 still has locks held!'],
  ['lockdep', '[ BUG: Invalid wait context ]'],
  ['RCU', 'WARNING: suspicious RCU usage'],
])('%s: %s', (kind, says) => {
  const report = only(`
======================================================
${says}
6.12.0 #1 Not tainted
------------------------------------------------------
agent/1 is trying to acquire lock:
ffff888003a1c010 (&viommu->request_lock){....}-{3:3}, at: viommu_send_reqs_sync+0x3a/0x90 [virtio_iommu]

stack backtrace:
CPU: 0 UID: 0 PID: 1 Comm: agent Not tainted 6.12.0 #1
${BACKTRACE}
 lock_acquire+0xd1/0x2f0
 viommu_attach_dev+0x88/0x220 [virtio_iommu]
 </TASK>`);
  expect(report).toMatchObject({ kind, says, isCrash: false, part: 'driver' });
});

test('refcount_t: the sentence comes before the warning that has the place', () => {
  for (const warning of [
    'WARNING: CPU: 0 PID: 1 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110',
    'WARNING: lib/refcount.c:28 at refcount_warn_saturate+0xba/0x110, CPU#0: agent/1',
  ]) {
    const report = only(`
------------[ cut here ]------------
refcount_t: underflow; use-after-free.
${warning}
Modules linked in: virtio_rng virtio_iommu virtio_pci
RIP: 0010:refcount_warn_saturate+0xba/0x110
Call Trace:
${TASK} kobject_put+0x11/0x50
 viommu_release_device+0x33/0x50 [virtio_iommu]
 </TASK>
---[ end trace 0000000000000000 ]---`);
    expect(report).toMatchObject({ kind: 'refcount_t', isCrash: true, part: 'driver' });
  }
});

test('a corrupt list, the BUG, the oops and the panic behind it are one report', () => {
  const report = only(`
list_del corruption. prev->next should be ffff888003a1c010, but was ffff888003a1c020. (prev=ffff888003a1c030)
------------[ cut here ]------------
kernel BUG at lib/list_debug.c:64!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
CPU: 0 UID: 0 PID: 1 Comm: agent Not tainted 6.12.117+deb13-cloud-amd64 #1
RIP: 0010:__list_del_entry_valid_or_report+0xb3/0xe0
Call Trace:
${TASK} iommu_group_remove_device+0x4a/0xd0
 </TASK>
---[ end trace 0000000000000000 ]---
RIP: 0010:__list_del_entry_valid_or_report+0xb3/0xe0
Kernel panic - not syncing: Fatal exception
---[ end Kernel panic - not syncing: Fatal exception ]---`);
  expect(report).toMatchObject({ kind: 'list check', isCrash: true, part: 'iommu', by: 'iommu_group_remove_device' });
  expect(report.says).toMatch(/^list_del corruption\. prev->next should be/);
});

test('arm64', () => {
  const report = only(`
Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP
pc : viommu_unmap_pages+0x40/0x100 [virtio_iommu]
lr : __iommu_unmap+0xa0/0x180
Call trace:
 viommu_unmap_pages+0x40/0x100 [virtio_iommu] (P)
---[ end trace 0000000000000000 ]---`);
  expect(report).toMatchObject({ kind: 'oops', isCrash: true, part: 'driver' });
});

test.each([
  ['KCSAN', 'BUG: KCSAN: data-race in viommu_send_reqs_sync+0x10/0x20 [virtio_iommu]', 'driver'],
  ['atomic context', 'BUG: sleeping function called from invalid context at mm/slab.h:1', undefined],
  ['kmemleak', 'kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)', undefined],
  ['DMA-API', 'DMA-API: virtio_rng virtio1: device driver frees DMA memory it has not allocated', undefined],
  ['object check', 'ODEBUG: free active (active state 0) object: 00000000deadbeef object type: timer_list', undefined],
  ['slab check', 'BUG kmalloc-64 (Not tainted): Object already free', undefined],
  ['list check', 'list_add double add: new=ffff888003a1c010, prev=ffff888003a1c010, next=ffff888003a1c030.', undefined],
])('%s: %s', (kind, says, part) => {
  expect(only(says)).toMatchObject({ kind, says: says.replace(/\.$/, ''), part });
});

test('two reports are two', () => {
  const one = KASAN('viommu_map_pages+0x12/0x100 [virtio_iommu]', '');
  expect(kernelReports(`${one}\n${one}`).map(({ kind }) => kind)).toEqual(['KASAN', 'KASAN']);
});

test.each([
  'my_module: UBSAN: is switched on',
  'DMA-API: preallocated 65536 debug entries',
  'kmemleak: Automatic memory scanning thread started',
  'ODEBUG: selftest passed',
  'WARNING: this driver is old',
  'Modules linked in: virtio_iommu',
  'list_add is fast',
])('%j is none', (line) => {
  expect(kernelReports(timed(line))).toEqual([]);
});

test('whatever a guest writes is read in time, and bounded', () => {
  const flood = 'BUG: KASAN: a\n'.repeat(20_000);
  expect(kernelReports(flood).length).toBeLessThanOrEqual(50);
  const nasty = [
    '['.repeat(60_000),
    `${' '.repeat(60_000)}x`,
    `WARNING: ${'at '.repeat(20_000)}`,
    `BUG ${'('.repeat(50_000)}`,
  ];
  for (const line of nasty) expect(kernelReports(line).length).toBeLessThanOrEqual(1);
  assert(
    property(array(oneof(string(), constantFrom('BUG: KASAN: ', '===='.repeat(9), 'a+0x1/0x2 [b]'))), (lines) => {
      for (const { says } of kernelReports(lines.join('\n'))) expect(says.length).toBeLessThanOrEqual(200);
    }),
  );
});

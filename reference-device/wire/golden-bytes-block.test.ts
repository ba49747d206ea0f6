/** Bytes of the block device's structures and its numbers, written down by hand from the listings of 5.2. */
import { expect, test } from 'vitest';
import * as wire from './block.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('virtio_blk_config begins with capacity, size_max and seg_max', () => {
  const bytes = wire.BlockConfig.encode({ capacity: 0x0102030405060708n, size_max: 0x1000, seg_max: 14 });
  expect(hex(bytes)).toBe('0807060504030201001000000e000000');
});

test('virtio_blk_req begins with type, reserved and sector', () => {
  const bytes = wire.BlockRequestHead.encode({ type: 1, reserved: 0, sector: 0x0102030405060708n });
  expect(hex(bytes)).toBe('01000000000000000807060504030201');
});

test('numbers are those of the #define lines', () => {
  expect([wire.VIRTIO_BLK_F_SIZE_MAX, wire.VIRTIO_BLK_F_SEG_MAX, wire.VIRTIO_BLK_F_FLUSH]).toEqual([1, 2, 9]);
  expect([wire.VIRTIO_BLK_T_IN, wire.VIRTIO_BLK_T_OUT, wire.VIRTIO_BLK_T_FLUSH]).toEqual([0, 1, 4]);
  expect([wire.VIRTIO_BLK_S_OK, wire.VIRTIO_BLK_S_IOERR, wire.VIRTIO_BLK_S_UNSUPP]).toEqual([0, 1, 2]);
});

import { expect, test } from 'vitest';
import type { EventOf } from '../../reference-device/trace-events.ts';
import { STATUS, statusByte, statusWith } from './device-status.ts';

type Write = EventOf<'register-write'>;

const write = (place: Pick<Write, 'structure' | 'offset' | 'width'>, value = 0n, seq = 0): Write => ({
  kind: 'register-write',
  device: 'iommu',
  field: '',
  value,
  seq,
  ...place,
});

test('device_status is found in a wide access and on both transports', () => {
  expect(statusByte(write({ structure: 'common', offset: 20, width: 1 }, 0x0fn), 'register-write')).toBe(0x0f);
  expect(statusByte(write({ structure: 'common', offset: 18, width: 4 }, 0x00_0b_00_02n), 'register-write')).toBe(0x0b);
  expect(statusByte(write({ structure: 'mmio', offset: 0x70, width: 4 }, 0x03n), 'register-write')).toBe(3);
  expect(statusByte(write({ structure: 'common', offset: 22, width: 2 }, 1n), 'register-write')).toBeUndefined();
  expect(statusByte(write({ structure: 'common', offset: 20, width: 1 }, 1n), 'register-read')).toBeUndefined();
});

test('the first access with a bit is found from where one asks', () => {
  const place = { structure: 'common', offset: 20, width: 1 } as const;
  const writes = [write(place, 0x0fn, 3), write(place, 0x0bn, 5), write(place, 0x0fn, 9)];
  expect(statusWith(writes, 'register-write', STATUS.DRIVER_OK)?.seq).toBe(3);
  expect(statusWith(writes, 'register-write', STATUS.DRIVER_OK, { since: 4 })?.seq).toBe(9);
  expect(statusWith(writes, 'register-write', STATUS.FAILED)).toBeUndefined();
  expect(statusWith(writes, 'register-write', STATUS.DRIVER_OK, { device: 'iommu2' })).toBeUndefined();
});

import { expect, test } from 'vitest';
import type { EventOf } from '../api/index.ts';
import { accesses, CONFIG_FIELDS, COMMON_FIELDS, enablesQueue, natural, touched } from './registers.ts';

type Write = EventOf<'register-write'>;

const write = (place: Pick<Write, 'structure' | 'offset' | 'width'>, value = 0n): Write => ({
  kind: 'register-write',
  device: 'iommu',
  field: '',
  value,
  seq: 0,
  ...place,
});

const fieldOf = (name: string) => [...COMMON_FIELDS, ...CONFIG_FIELDS].find((field) => field.name === name)!;

test('the common configuration has no gaps', () => {
  let until = 0;
  for (const { offset, size } of COMMON_FIELDS) {
    expect(offset).toBe(until);
    until = offset + size;
  }
  expect(until).toBe(64);
});

test('a wide access touches every field under it', () => {
  const fields = touched(COMMON_FIELDS, write({ structure: 'common', offset: 20, width: 4 }));
  expect(fields.map(({ name }) => name)).toEqual(['device_status', 'config_generation', 'queue_select']);
});

test.each([
  ['queue_size', 24, 2, true],
  ['queue_size', 24, 4, false],
  ['queue_desc', 32, 4, true],
  ['queue_desc', 36, 4, true],
  ['queue_desc', 32, 8, false],
  ['queue_desc', 34, 4, false],
  ['bypass', 36, 1, true],
  ['probe_size', 32, 2, false],
])('%s at offset %i with %i bytes is natural: %s', (name, offset, width, expected) => {
  expect(natural(fieldOf(name), write({ structure: 'common', offset, width }))).toBe(expected);
});

test('fields that both transports have are found on both', () => {
  expect(accesses(write({ structure: 'common', offset: 12, width: 4 }), 'register-write', 'driver_feature')).toBe(true);
  expect(accesses(write({ structure: 'mmio', offset: 0x20, width: 4 }), 'register-write', 'driver_feature')).toBe(true);
  expect(accesses(write({ structure: 'device', offset: 12, width: 4 }), 'register-write', 'driver_feature')).toBe(
    false,
  );
});

test('taking a queue back is not enabling it', () => {
  expect(enablesQueue(write({ structure: 'mmio', offset: 0x44, width: 4 }, 1n))).toBe(true);
  expect(enablesQueue(write({ structure: 'mmio', offset: 0x44, width: 4 }, 0n))).toBe(false);
});

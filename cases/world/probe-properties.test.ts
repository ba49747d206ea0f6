import { expect, test } from 'vitest';
import { reservedRegions } from './probe-properties.ts';

/** Type 1, length 20; subtype 1; start; end. */
const MSI = ['01001400', '01000000', '0000e0fe00000000', 'ffffeffe00000000'].join('');

test('reads start and end of a RESV_MEM property as little-endian numbers', () => {
  expect(reservedRegions(MSI)).toEqual([{ subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn }]);
});

test('steps over a property of unknown type by its length', () => {
  expect(reservedRegions(`ef010300aabbcc${MSI}`)).toHaveLength(1);
});

test('leaves out a property whose reserved type bits are set, and goes on behind it', () => {
  expect(reservedRegions(`01101400${MSI.slice(8)}${MSI}`)).toHaveLength(1);
});

test('stops at the first empty property', () => {
  expect(reservedRegions(`00000000${MSI}`)).toEqual([]);
});

test('reads a RESV_MEM property that is longer than it knows', () => {
  expect(reservedRegions(`01001c00${MSI.slice(8)}1122334455667788${MSI}`)).toHaveLength(2);
});

test('leaves out a property that the list cuts off', () => {
  expect(reservedRegions(MSI.slice(0, -2))).toEqual([]);
});

import { expect, it } from 'vitest';
import { probeProperties } from './probe-properties.ts';

/** A RESV_MEM property for 0xfee00000..0xfeefffff, with `subtype`. */
const resvMem = (subtype: string): string => `01001400${subtype}0000000000e0fe00000000ffffeffe00000000`;
const end = '00000000';
const okTail = '00000000';

it('reads reserved regions up to the end of the list', () => {
  expect(probeProperties(`${resvMem('01')}${resvMem('00')}${end}${resvMem('01')}${okTail}`)).toEqual([
    'RESV_MEM MSI 0xfee00000..0xfeefffff',
    'RESV_MEM RESERVED 0xfee00000..0xfeefffff',
  ]);
});

it('steps over what nobody defines', () => {
  expect(probeProperties(`22030200aabb${resvMem('07')}${end}`)).toEqual([
    'property of type 802, 2 bytes',
    'RESV_MEM subtype 7 0xfee00000..0xfeefffff',
  ]);
});

it('reads as far as there are bytes', () => {
  expect(probeProperties(resvMem('01').slice(0, 30))).toEqual(['property of type 1, 20 bytes']);
  expect(probeProperties('0100ffff')).toEqual(['property of type 1, 65535 bytes']);
  expect(probeProperties('not hex')).toEqual([]);
});

it('counts what is too much to show', () => {
  expect(probeProperties('05000000'.repeat(1000)).at(-1)).toBe('992 more properties');
});

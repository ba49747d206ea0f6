import { expect, it } from 'vitest';
import { addressAxis } from './address-axis.ts';

const LAST = (1n << 64n) - 1n;

it('gives each range a row, and what lies between a thin gap', () => {
  const axis = addressAxis([
    { start: 0x1000n, end: 0x1fffn },
    { start: 0xfee0_0000n, end: 0xfeef_ffffn },
    { start: 0xfee0_0000n, end: LAST },
  ]);
  expect(axis.bands.map(({ start, used }) => [start, used])).toEqual([
    [0x1000n, true],
    [0x2000n, false],
    [0xfee0_0000n, true],
    [0xfef0_0000n, true],
  ]);
  expect(axis.place({ start: 0xfee0_0000n, end: LAST })).toEqual({ y: 24, height: 36 });
  expect(axis.height).toBe(60);
});

it('has no height without ranges', () => {
  expect(addressAxis([])).toMatchObject({ bands: [], height: 0 });
});

import { expect, it } from 'vitest';
import { fromHex, toHex } from './hex.ts';

it('writes two digits a byte and reads them back', () => {
  expect(toHex(Uint8Array.of(0, 10, 255))).toBe('000aff');
  expect(fromHex('000aFF')).toEqual(Uint8Array.of(0, 10, 255));
});

it.each(['0', 'zz', '0 0a'])('refuses %j', (text) => {
  expect(() => fromHex(text)).toThrow(RangeError);
});

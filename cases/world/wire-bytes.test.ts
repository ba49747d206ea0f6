import { allZero, bytesOf, littleEndian } from './wire-bytes.ts';
import { expect, test } from 'vitest';

test('bytesOf cuts whole bytes and stops at the end', () => {
  expect(bytesOf('00112233', 1, 3)).toBe('1122');
  expect(bytesOf('00112233', 3, 8)).toBe('33');
});

test('littleEndian reads the first byte as the lowest', () => {
  expect(littleEndian('34120000')).toBe(0x1234n);
  expect(littleEndian('')).toBe(0n);
});

test('allZero takes an empty piece for zero', () => {
  expect(allZero('0000')).toBe(true);
  expect(allZero('0001')).toBe(false);
  expect(allZero('')).toBe(true);
});

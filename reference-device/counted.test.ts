import { expect, it } from 'vitest';
import { counted } from './counted.ts';

it('has one of one thing and any other number of several', () => {
  expect([0, 1, 2].map((count) => counted(count, 'case'))).toEqual(['0 cases', '1 case', '2 cases']);
  expect([0n, 1n].map((count) => counted(count, 'byte'))).toEqual(['0 bytes', '1 byte']);
  expect(counted(3, 'entry', 'entries')).toBe('3 entries');
});

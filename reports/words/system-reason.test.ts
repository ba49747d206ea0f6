import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { machineTrouble, reasonOf } from './system-reason.ts';

function failureOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

it.each([
  [failureOf(() => readFileSync('/no/such/file')), 'no such file or directory'],
  [failureOf(() => mkdirSync('/')), 'file already exists'],
  [failureOf(() => readFileSync('/')), 'illegal operation on a directory'],
  [new Error('The disk is tired.'), 'The disk is tired'],
  ['thrown without an error', 'thrown without an error'],
])('%# says why in plain words', (error, words) => {
  expect(reasonOf(error)).toBe(words);
});

it('tells what the machine refuses from mistakes of ours', () => {
  const full = failureOf(() => writeFileSync('/dev/full', 'x'));
  expect(machineTrouble(full)).toBe('no space left on device');
  expect(machineTrouble(Object.assign(new Error('EROFS: …'), { code: 'EROFS', errno: -30, path: '/x' }))).toBe(
    '/x: read-only file system',
  );
  expect(machineTrouble(failureOf(() => readFileSync('/no/such/file')))).toBeUndefined();
  expect(machineTrouble(new TypeError('undefined is not a function'))).toBeUndefined();
});

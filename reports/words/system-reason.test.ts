import { mkdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { reasonOf } from './system-reason.ts';

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

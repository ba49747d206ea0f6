import { expect, test } from 'vitest';
import { isVersionWord, meetsCondition, versionCondition } from './version-condition.ts';

test.each([
  ['version>=7.3', '7.3.4+deb13-cloud-amd64', true],
  ['version>=7.3', '6.12.107+deb13-cloud-amd64', false],
  ['version<7', '6.19.1', true],
  ['version<7', '7.0', false],
  ['version>6.9', '6.12.1', true],
  ['version>6.12', '6.12.107', false],
  ['version<=6.12', '6.12.107', true],
  ['version<=6.12.0', '6.12.107', false],
  ['version>=6.12.1', '6.12', false],
  ['version<9', 'main', false],
])('%s of %s is %s', (word, version, meets) => {
  expect(meetsCondition(version, versionCondition(word)!)).toBe(meets);
});

test.each(['version>=', 'version=6', 'version>=six', 'version<>6'])(
  '%s is meant as a condition and is none',
  (word) => {
    expect([isVersionWord(word), versionCondition(word)]).toEqual([true, undefined]);
  },
);

test('words that only begin alike are part of the reason', () => {
  expect(isVersionWord('versions')).toBe(false);
});

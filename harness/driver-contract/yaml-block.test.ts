import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { blockValues } from './yaml-block.ts';

const scalar = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.integer().map(String),
  fc.integer({ min: 0 }).map((number) => `0x${number.toString(16)}`),
  fc.stringMatching(/^[a-z][a-z /.-]{0,9}[a-z]$/).filter((text) => !['null', 'true', 'false'].includes(text)),
);
const list = fc.array(scalar, { minLength: 1, maxLength: 4 });
const lines = fc.oneof(
  scalar.map((text) => [`: ${text}`]),
  list.map((items) => [`: [${items.join(', ')}]`]),
  list.map((items) => [':', ...items.map((item) => `  - ${item}`)]),
  list.map((items) => [':', ...items.map((item) => `- ${item}`)]),
);

describe('a block', () => {
  it('is read as YAML reads it', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 5 }), (values) => {
        const block = values.flatMap(([first, ...others], at) => [`k${at}${first}`, ...others]);
        expect(blockValues(block)).toEqual(parse(block.join('\n')) ?? {});
      }),
    );
  });

  it('may hold what no verb knows', () => {
    const block = ['a:', '  b: 1', 'c: {d: 1}', 'e: &x 1', 'f: |', '  text', '"g": 2', 'h: yes # really', '# i: 1', ''];
    expect(blockValues(block)).toEqual({ h: 'yes' });
  });

  it.each([
    ['a text without an end', ['a: "x'], /cannot be read: "\\"x"/],
    ['a list without an end', ['a: [1, 2'], /cannot be read/],
    ['a line that is no value', ['only words'], /no.*list of "key: value" lines: "only words"/],
    ['a key twice', ['a: 1', 'a: 2'], /has the key "a" twice/],
    ['too many values', Array.from({ length: 65 }, (_, at) => `k${at}: 1`), /more than 64 values/],
    ['too long a list', ['a:', ...Array.from({ length: 4097 }, () => '- 1')], /more than 4096 items/],
  ])('with %s is refused', (_what, block, says) => {
    expect(blockValues(block)).toEqual(expect.stringMatching(says));
  });
});

/** As much as an answer may hold. Readers of all of YAML take a minute over half of the first. */
const SIZE = 250_000;
const many = (text: string): string => text.repeat(SIZE / text.length);

it.each([
  ['commas', [`a: {${many(',')}}`]],
  ['commas in a list', [`a: [${many(',')}]`]],
  ['colons', [`a: ${many(':')}`, many(':'), many(': ')]],
  ['blanks', [`a: [${many(' ')}`, many(' ')]],
  ['blanks in a text', [`a: x${many(' ')}#`]],
  ['backslashes', [`a: "${many('\\')}`]],
  ['quotes', [`a: '${many("'")}`, `b: [${many('"" ')}`]],
  ['brackets', [`a: ${many('[')}`]],
  ['keys', Array.from({ length: SIZE / 10 }, (_, at) => `k${at}: 1`)],
  ['items', ['a:', ...Array.from({ length: SIZE / 4 }, () => '- 1')]],
  ['digits', [`a: ${many('9')}`]],
  ['dots and signs', [`a: ${many('1.')}`, `b: ${many('-')}`]],
])('%s by the thousand are read at once', (_what, block) => {
  const startedAtMs = performance.now();
  blockValues(block);
  expect(performance.now() - startedAtMs).toBeLessThan(2000);
});

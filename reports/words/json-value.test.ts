import { expect, it } from 'vitest';
import { jsonValue } from './json-value.ts';

it.each([
  ['{\n  "name": "x",\n  "version" "1"\n}', 'is not JSON: line 3 is wrong at column 13'],
  ['{"a": 1,}', 'is not JSON: line 1 is wrong at column 9'],
  ['{"a": ', 'is not JSON: it ends too early'],
  ['{\n', 'is not JSON: it ends too early'],
  ['', 'is not JSON: it ends too early'],
  ['# a comment', 'is not JSON'],
])('says where %j goes wrong', (text, wrong) => {
  expect(jsonValue(text)).toEqual({ wrong });
});

it('gives the value of what is JSON, whatever it is', () => {
  expect(jsonValue('{"a": null}')).toEqual({ value: { a: null } });
  expect(jsonValue('null')).toEqual({ value: null });
});

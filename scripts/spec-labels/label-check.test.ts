import { expect, test } from 'vitest';
import { checkLabels, type LabelledRow } from './label-check.ts';
import type { NormativeBlock } from './normative-blocks.ts';

const block = (label: string, ...statements: NormativeBlock['statements']): NormativeBlock => ({
  label,
  file: 'a.tex',
  line: 1,
  statements,
});
const row = (id: string, label: string, keyword: LabelledRow['keyword'] = 'MUST'): LabelledRow => ({
  id,
  label,
  keyword,
});

test('names labels that are gone, with the rows that stand on them', () => {
  const { lost } = checkLabels(
    [row('x', 'old'), row('y', 'old'), row('z', 'kept'), row('p', 'prose')],
    { blocks: [block('kept')], plainLabels: ['prose'] },
    () => false,
  );
  expect(lost).toEqual([{ label: 'old', ids: ['x', 'y'] }]);
});

test('counts statements against rows, keyword by keyword, where a block is ours', () => {
  const there = block('a', { keyword: 'MUST', line: 2 }, { keyword: 'MUST', line: 5 }, { keyword: 'SHOULD', line: 6 });
  const rows = [row('x', 'a'), row('y', 'a', 'SHOULD'), row('z', 'a', 'SHOULD')];
  const { withoutRow, surplus } = checkLabels(
    rows,
    { blocks: [there, block('foreign', { keyword: 'MUST', line: 9 })], plainLabels: [] },
    (it) => it === 'a',
  );
  expect(withoutRow).toEqual([{ block: there, keyword: 'MUST', lines: [2, 5], rowCount: 1 }]);
  expect(surplus).toEqual([{ block: there, keyword: 'SHOULD', lines: [6], rowCount: 2 }]);
});

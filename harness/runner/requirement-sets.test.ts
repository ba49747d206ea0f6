import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { REQUIREMENTS } from '../../cases/requirements/index.ts';
import { belongsTo } from '../scoring/requirement-set.ts';
import { judgedRequirements } from './catalogue-facts.ts';

const scored = REQUIREMENTS.filter((row) => row.notTestable === undefined && belongsTo(row, '1.4'));

it.each([
  ['1.2', 254, '541abfad2edc81aa'],
  ['1.3', 263, 'd013e93d49089937'],
] as const)(
  'what %s is scored by stays as it is: a row that is new says from which version on it counts, by scoredFrom',
  (revision, count, digest) => {
    const ids = scored.filter((row) => belongsTo(row, revision)).map(({ id }) => id);
    const found = createHash('sha256').update(ids.toSorted().join('\n')).digest('hex').slice(0, 16);
    expect([ids.length, found]).toEqual([count, digest]);
  },
);

it('what can be judged is judged by a case or a monitor', () => {
  const judged = judgedRequirements(CASES, MONITORS);
  expect(scored.filter(({ id }) => !judged.has(id)).map(({ id }) => id)).toEqual([]);
});

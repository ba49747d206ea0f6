import { expect, test } from 'vitest';
import { ANSWERS, rowsFor, statusName } from './answers.ts';

test('a sweep gives every answer to each of the first requests', () => {
  const rows = rowsFor('MAP', 2);
  expect(Object.keys(rows)).toHaveLength(2 * Object.keys(ANSWERS).length);
  expect(rows['second-MAP-NOENT']).toMatchObject({
    nth: 2,
    hostile: false,
    faults: [{ name: 'status-of-request', status: 6, request: 'MAP', nth: 2 }],
  });
});

test('every status but OK is among the answers, and one that nobody defines', () => {
  const statuses = Object.values(ANSWERS).flatMap((strikes) =>
    strikes.flatMap((strike) => ('status' in strike ? [strike.status] : [])),
  );
  expect(statuses).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0x42]);
});

test('what no honest device does counts as hostile', () => {
  const hostile = Object.values(rowsFor('UNMAP', 1)).filter((row) => row.hostile);
  expect(hostile.map(({ answer }) => answer)).toEqual(['twice', 'after-a-foreign-one', 'never']);
});

test('a status is told by its name if it has one', () => {
  expect([0, 1, 8, 0x42, 0x99].map(statusName)).toEqual(['OK', 'IOERR', 'NOMEM', 'status 0x42', 'status 0x99']);
});

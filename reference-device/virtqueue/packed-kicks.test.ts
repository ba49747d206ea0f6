import { expect, it } from 'vitest';
import { PackedKicks } from './packed-kicks.ts';

it('asks for every notification at first', () => {
  const kicks = new PackedKicks();
  expect(kicks.isOverdue(0)).toBe(false);
  expect(kicks.judge(1)).toBe(true);
});

it('cannot tell whether a notification for nothing was wanted', () => {
  const kicks = new PackedKicks();
  kicks.judge(1);
  expect(kicks.judge(1)).toBeUndefined();
});

it('calls a notification needless that was asked for at no time since the last one', () => {
  const kicks = new PackedKicks();
  kicks.askNever();
  kicks.judge(1);
  expect(kicks.judge(2)).toBe(false);
  kicks.askAt(5);
  expect(kicks.judge(4)).toBe(false);
  expect(kicks.judge(6)).toBe(true);
});

it('cannot tell if the device has changed its mind meanwhile', () => {
  const kicks = new PackedKicks();
  kicks.judge(1);
  kicks.askAt(1);
  kicks.askAt(2);
  kicks.askAt(3);
  expect(kicks.judge(3)).toBeUndefined();
});

it('finds a driver overdue only for what the device asks for now', () => {
  const kicks = new PackedKicks();
  kicks.askAt(2);
  expect(kicks.isOverdue(2)).toBe(false);
  expect(kicks.isOverdue(3)).toBe(true);
  expect(kicks.isOverdue(3)).toBe(false);
  kicks.askNever();
  expect(kicks.isOverdue(9)).toBe(false);
});

it('does not ask a driver to announce what the device has found by itself', () => {
  const kicks = new PackedKicks();
  kicks.askNever();
  kicks.judge(0);
  kicks.askAlways(3);
  expect(kicks.isOverdue(3)).toBe(false);
  expect(kicks.isOverdue(4)).toBe(true);
});

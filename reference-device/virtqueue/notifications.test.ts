import { expect, it } from 'vitest';
import { eventPassed, kickWanted } from './notifications.ts';

it.each([
  { event: 0, newIndex: 1, oldIndex: 0, passed: true },
  { event: 1, newIndex: 1, oldIndex: 0, passed: false },
  { event: 0xffff, newIndex: 0, oldIndex: 0xffff, passed: true },
  { event: 0xfffe, newIndex: 0, oldIndex: 0xffff, passed: false },
  { event: 5, newIndex: 5, oldIndex: 5, passed: false },
  { event: 3, newIndex: 10, oldIndex: 2, passed: true },
])('from $oldIndex to $newIndex passes event $event: $passed', ({ event, newIndex, oldIndex, passed }) => {
  expect(eventPassed(event, newIndex, oldIndex)).toBe(passed);
});

it('cannot judge a kick if the used ring cannot be read', () => {
  const facts = { availIdx: 1, kickedAt: 0, kickCount: 1, bufferCount: 1, usedFlags: undefined, availEvent: undefined };
  expect(kickWanted({ ...facts, eventIdx: true })).toBeUndefined();
  expect(kickWanted({ ...facts, eventIdx: false })).toBeUndefined();
});

import { expect, it } from 'vitest';
import { isLive, statusAfterWrite } from './device-status.ts';

it.each([
  { current: 15, written: 0, status: 0, effects: ['reset'] },
  { current: 0, written: 1, status: 1, effects: [] },
  { current: 3, written: 11, status: 11, effects: ['check-features'] },
  { current: 11, written: 15, status: 15, effects: [] },
  { current: 0, written: 15, status: 15, effects: ['check-features'] },
  { current: 15, written: 3, status: 3, effects: [] },
  { current: 0x4f, written: 0x0f, status: 0x4f, effects: [] },
  { current: 3, written: 0x43, status: 3, effects: [] },
  { current: 15, written: 0x1f, status: 15, effects: [] },
])('a write of $written to status $current gives $status', ({ current, written, status, effects }) => {
  expect(statusAfterWrite(current, written)).toEqual({ status, effects });
});

it('lets a device work only between DRIVER_OK and FAILED', () => {
  expect([11, 15, 4, 0x4f, 0x8f].map(isLive)).toEqual([false, true, true, true, false]);
});

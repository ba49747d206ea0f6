import { describe, expect, it } from 'vitest';
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
  expect([11, 15, 4, 0x4f, 0x8f, 0x1f, 0x1b].map(isLive)).toEqual([false, true, true, true, false, false, false]);
});

describe('with VIRTIO_F_SUSPEND', () => {
  it.each([
    { says: 'suspends a device that runs', current: 15, written: 31, status: 27, effects: ['suspend'] },
    { says: 'takes the order without DRIVER_OK as well', current: 15, written: 27, status: 27, effects: ['suspend'] },
    { says: 'ignores the order before DRIVER_OK', current: 11, written: 27, status: 11, effects: [] },
    { says: 'ignores the order together with DRIVER_OK', current: 11, written: 31, status: 15, effects: [] },
    { says: 'stays suspended while DRIVER_OK is not set', current: 27, written: 11, status: 27, effects: [] },
    { says: 'resumes with both bits', current: 27, written: 31, status: 15, effects: ['resume'] },
    { says: 'resumes with DRIVER_OK alone', current: 27, written: 15, status: 15, effects: ['resume'] },
    { says: 'is reset as ever', current: 27, written: 0, status: 0, effects: ['reset'] },
    { says: 'keeps DEVICE_NEEDS_RESET', current: 0x4f, written: 31, status: 0x5b, effects: ['suspend'] },
  ])('$says', ({ current, written, status, effects }) => {
    expect(statusAfterWrite(current, written, true)).toEqual({ status, effects });
  });
});

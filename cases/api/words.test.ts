import { expect, it } from 'vitest';
import { attachFlags, deviceStatus, mapFlags, requestStatus } from './words.ts';

it('names what the specification names, and writes the rest as numbers', () => {
  expect([mapFlags(3), mapFlags(0), mapFlags(0x11)]).toEqual(['READ|WRITE (0x3)', '0x0', 'READ|0x10 (0x11)']);
  expect([attachFlags(1), attachFlags(6)]).toEqual(['BYPASS (0x1)', '0x6']);
  expect(deviceStatus(0x4b)).toBe('ACKNOWLEDGE|DRIVER|FEATURES_OK|DEVICE_NEEDS_RESET (0x4b)');
  expect([requestStatus(0), requestStatus(1), requestStatus(0x42)]).toEqual(['OK', 'IOERR', 'status 0x42']);
});

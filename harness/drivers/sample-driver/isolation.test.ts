import { describe, expect, it } from 'vitest';
import type { DriverFaultName } from './driver-faults.ts';
import { conventionalBuses } from './isolation.ts';
import type { Platform, PlatformFunction } from './platform.ts';

const NO_FAULTS = new Set<DriverFaultName>();

/** A function with these bytes in its configuration space, and zeros elsewhere. */
function functionWith(bytes: Readonly<Record<number, number>>): PlatformFunction {
  return {
    name: 'f',
    address: 0x48,
    readConfig(offset, out) {
      for (let at = 0; at < out.byteLength; at++) out.setUint8(at, bytes[offset + at] ?? 0);
    },
    writeConfig() {},
    readBar() {},
    writeBar() {},
    interrupts: () => 0,
    lineInterrupts: () => 0,
  };
}

const platformWith = (...functions: readonly PlatformFunction[]): Platform => ({
  functions,
  memory: { bytes: new Uint8Array(0), base: 0n },
  doorbell: () => 0xfee0_0000n,
  firmwareMemory: { start: 0n, length: 0n },
  viot: new Uint8Array(0),
  wait: () => false,
  log() {},
});

const busesBehind = (bytes: Readonly<Record<number, number>>): number[] => [
  ...conventionalBuses(platformWith(functionWith(bytes)), NO_FAULTS).keys(),
];

/** A bridge with bus 3 behind it. */
const BRIDGE = { 0x0e: 1, 0x19: 3 };
/** Its PCI Express capability, of a port of this type. */
const express = (type: number) => ({ 0x06: 0x10, 0x34: 0x40, 0x40: 0x10, 0x42: 2 | (type << 4) });

describe('a conventional bus', () => {
  it('lies behind a bridge that is no port of PCI Express, or one that leads out of it', () => {
    expect(busesBehind(BRIDGE)).toEqual([3]);
    expect(busesBehind({ ...BRIDGE, ...express(7) })).toEqual([3]);
  });

  it('does not lie behind a root port, nor behind what is no bridge or is not there', () => {
    expect(busesBehind({ ...BRIDGE, ...express(4) })).toEqual([]);
    expect(busesBehind({ 0x19: 3 })).toEqual([]);
    expect(busesBehind({ ...BRIDGE, 0x00: 0xff, 0x01: 0xff })).toEqual([]);
  });
});

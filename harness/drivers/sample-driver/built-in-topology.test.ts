import { describe, expect, it } from 'vitest';
import { readSelfDescription, type SelfDescription } from './built-in-topology.ts';
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaultName } from './driver-faults.ts';

const NO_FAULTS = new Set<DriverFaultName>();

/** A device of whose registers only the configuration can be read. */
function read(config: Uint8Array): SelfDescription {
  const view = new DataView(new ArrayBuffer(0x1_0100));
  new Uint8Array(view.buffer).set(config);
  const readDevice = (offset: number, width: number): number =>
    width === 2 ? view.getUint16(offset, true) : view.getUint32(offset, true);
  return readSelfDescription({ readDevice } as unknown as DeviceRegisters, NO_FAULTS);
}

/** `topo_offset`, and what lies at offset 40. */
const configWith = (topoOffset: number, ...words: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(256));
  view.setUint16(36, topoOffset, true);
  for (const [index, word] of words.entries()) view.setUint16(40 + 2 * index, word, true);
  return new Uint8Array(view.buffer);
};

describe("an IOMMU's own list", () => {
  it('names ranges of functions and windows, and may hold what nobody knows', () => {
    const unknown = [9, 56, 0, 0, 0, 0, 0, 0];
    const range = [0, 72, 0x118, 7, 0, 0x18, 0x27, 0];
    const window = [1, 0, 7, 3, 0x1000, 0x0a00, 0, 0];
    expect(read(configWith(40, ...unknown, ...range, ...window))).toEqual({
      ranges: [{ first: 0x18, last: 0x27, id: 0x7_0118 }],
      windows: new Map([[0x0a00_1000, 0x3_0007]]),
    });
  });

  it('may be empty', () => {
    expect(read(configWith(0))).toEqual({ ranges: [], windows: new Map() });
  });

  it('may go round in circles, or be garbage', () => {
    expect(read(configWith(40, 0, 40, 0, 0, 0, 1, 2, 0)).ranges).toHaveLength(256);
    for (const byte of [0x01, 0x55, 0xff]) expect(() => read(new Uint8Array(0x1_0000).fill(byte))).not.toThrow();
  });
});

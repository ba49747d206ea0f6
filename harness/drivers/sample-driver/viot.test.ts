import { describe, expect, it } from 'vitest';
import type { DriverFaultName } from './driver-faults.ts';
import { readViot } from './viot.ts';

const NO_FAULTS = new Set<DriverFaultName>();

const IOMMU_NODE = [3, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const UNKNOWN_NODE = [0x7f, 0, 8, 0, 1, 2, 3, 4];
const RANGE_HEAD = [1, 0, 24, 0, 0x18, 1, 0, 0, 0, 0, 0, 0, 0x18, 0, 0x27, 0];
/** Endpoints 0x118 and up for BDF 0x18 to 0x27, behind the node at `output`. */
const rangeNode = (output: number): number[] => [...RANGE_HEAD, output, ...new Uint8Array(7)];

function table(...nodes: number[][]): Uint8Array {
  const header = new Uint8Array(48);
  header.set([nodes.length, 0, 48, 0], 36);
  return Uint8Array.from([...header, ...nodes.flat()]);
}

describe('the VIOT', () => {
  it('names the IOMMU and counts endpoint IDs from the start of a range', () => {
    const { iommus, functionAt } = readViot(table(IOMMU_NODE, rangeNode(48)), NO_FAULTS);
    expect(iommus).toEqual([{ bdf: 0x10 }]);
    expect([0x17, 0x18, 0x20, 0x27, 0x28].map((bdf) => functionAt(bdf)?.id)).toEqual([
      undefined,
      0x118,
      0x120,
      0x127,
      undefined,
    ]);
  });

  it('is read on behind a node of unknown type', () => {
    expect(readViot(table(IOMMU_NODE, UNKNOWN_NODE, rangeNode(48)), NO_FAULTS).functionAt(0x18)?.id).toBe(0x118);
  });

  it('leaves out ranges behind another node', () => {
    expect(readViot(table(IOMMU_NODE, rangeNode(64)), NO_FAULTS).functionAt(0x18)).toBeUndefined();
  });

  it('follows each range to its own IOMMU', () => {
    const other = IOMMU_NODE.with(6, 0x40);
    const elsewhere = rangeNode(64).with(12, 0x30).with(14, 0x37);
    const { iommus, functionAt } = readViot(table(IOMMU_NODE, other, rangeNode(48), elsewhere), NO_FAULTS);
    expect(iommus).toEqual([{ bdf: 0x10 }, { bdf: 0x40 }]);
    expect([functionAt(0x18), functionAt(0x30)]).toEqual(iommus.map((iommu) => ({ iommu, id: 0x118 })));
    expect(functionAt(0x30)?.iommu).toBe(iommus[1]);
  });

  it('leaves out ranges of other segments, where there are no functions', () => {
    const elsewhere = rangeNode(48).with(8, 1).with(10, 1);
    const idIn = (faults: ReadonlySet<DriverFaultName>): number | undefined =>
      readViot(table(IOMMU_NODE, elsewhere), faults).functionAt(0x18)?.id;
    expect([idIn(NO_FAULTS), idIn(new Set(['segment-ignored']))]).toEqual([undefined, 0x118]);
  });

  it('never makes the IOMMU an endpoint', () => {
    const inside = IOMMU_NODE.with(6, 0x20);
    expect(readViot(table(inside, rangeNode(48)), NO_FAULTS).functionAt(0x20)).toBeUndefined();
  });

  it('may be cut off anywhere', () => {
    const whole = table(IOMMU_NODE, rangeNode(48));
    for (let length = 0; length < whole.byteLength; length++) {
      expect(readViot(whole.subarray(0, length), NO_FAULTS).functionAt(0x18)).toBeUndefined();
    }
  });

  it('may be garbage', () => {
    for (const byte of [0x00, 0x01, 0x03, 0x30, 0xff]) {
      expect(() => readViot(new Uint8Array(256).fill(byte), NO_FAULTS).functionAt(0x18)).not.toThrow();
    }
  });
});
